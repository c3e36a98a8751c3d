import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Clock } from '../../platform/time/clock.js';
import { SignatureNonceEntity } from './signature-nonce.entity.js';

/** So many rows go in one statement, whatever has piled up: each stays far below its deadline. */
const BATCH = 5_000;

/** The nonces that were used, of all clients, known to every process and after every restart. */
@Injectable()
export class SignatureNonces {
  constructor(
    @InjectRepository(SignatureNonceEntity) private readonly rows: Repository<SignatureNonceEntity>,
    private readonly clock: Clock,
  ) {}

  /** True for the first who uses it, however many try at once. Not to be forgotten before `until`. */
  async use(keyId: string, nonce: string, until: Date): Promise<boolean> {
    const fresh: unknown[] = await this.rows.query(
      `INSERT INTO signature_nonces (hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1`,
      [hashOf(keyId, nonce), until],
    );
    return fresh.length === 1;
  }

  /** How many were forgotten. */
  async forgetExpired(): Promise<number> {
    const now = this.clock.now();
    let forgotten = 0;
    for (;;) {
      // Several processes that clean up at once pass over each other's rows.
      const gone: unknown[] = await this.rows.query(
        `WITH gone AS (
           DELETE FROM signature_nonces WHERE hash IN (
             SELECT hash FROM signature_nonces WHERE expires_at < $1 LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) RETURNING 1)
         SELECT * FROM gone`,
        [now],
      );
      forgotten += gone.length;
      if (gone.length < BATCH) return forgotten;
    }
  }
}

/** Each part behind its length: no two pairs look alike. */
function hashOf(...parts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest();
}

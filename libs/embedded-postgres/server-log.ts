import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { isErrno } from './embedded-postgres-error.js';

const TAIL_LINES = 20;

/**
 * The server's log: a file of at most `limit` bytes and the one before it (`.1`), begun anew at each start. Gets bytes,
 * tells whole lines.
 */
export class ServerLog {
  readonly path: string;
  private readonly limit: number;
  private readonly onLine: (line: string) => void;
  private file: number | undefined;
  private size = 0;
  private rest = '';
  private lastLines: string[] = [];

  constructor(path: string, onLine: (line: string) => void, limit = 5_000_000) {
    this.path = path;
    this.onLine = onLine;
    this.limit = limit;
    this.begin();
  }

  write(chunk: Buffer): void {
    this.store(chunk);
    // Bytes above ASCII only stand in names and values that the log quotes; a torn one shows as a replacement sign.
    const lines = (this.rest + chunk.toString('utf8')).split('\n');
    this.rest = (lines.pop() ?? '').slice(-10_000);
    for (const line of lines) {
      if (line.trim() === '') continue;
      this.lastLines.push(line);
      this.onLine(line);
    }
    this.lastLines = this.lastLines.slice(-TAIL_LINES);
  }

  /** The last lines since the start, oldest first. */
  tail(): readonly string[] {
    return this.rest.trim() === '' ? this.lastLines : [...this.lastLines, this.rest];
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  private begin(): void {
    this.close();
    try {
      renameSync(this.path, `${this.path}.1`);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
    this.file = openSync(this.path, 'w', 0o600);
    this.size = 0;
  }

  private store(chunk: Buffer): void {
    if (this.file === undefined) return;
    try {
      if (this.size > 0 && this.size + chunk.length > this.limit) this.begin();
      writeSync(this.file, chunk);
      this.size += chunk.length;
    } catch (error) {
      // A full disk must not end the application for the sake of a log; the lines still reach onLine and tail.
      this.close();
      this.onLine(`the log file ${this.path} is closed: ${(error as Error).message}`);
    }
  }
}

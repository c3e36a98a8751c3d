import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { SignatureNonces } from '../../src/auth/signed-requests/signature-nonces.repository.js';
import { SignedRequests } from '../../src/auth/signed-requests/signed-requests.js';
import { type SigningClient, SigningClients } from '../../src/auth/signed-requests/signing-clients.js';
import type { Config } from '../../src/platform/config/config.js';
import { jsonBody } from '../../src/platform/http/json-body.js';
import { describeError } from '../../src/platform/http/problem.js';
import type { Clock } from '../../src/platform/time/clock.js';
import type { SigningKey } from './signing.js';

/** Clients by key id. */
export class ClientsInMemory extends SigningClients {
  readonly known = new Map<string, SigningClient>();
  readonly accepted: string[] = [];

  add({ keyId, secret }: SigningKey, ...previous: string[]): void {
    this.known.set(keyId, {
      caller: {
        userId: `owner of ${keyId}`,
        role: 'user',
        scopes: new Set(),
        credential: { kind: 'hmac_client', id: keyId, tier: null },
      },
      secrets: [secret, ...previous].map((text) => Buffer.from(text, 'base64url')),
    });
  }

  client(keyId: string): Promise<SigningClient | undefined> {
    return Promise.resolve(this.known.get(keyId));
  }

  used(keyId: string): void {
    this.accepted.push(keyId);
  }
}

export interface SignedRequestsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers every request with who signed it and the body that was parsed, or with the problem. */
export async function signedRequestsServer(parts: {
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly clients: SigningClients;
  readonly nonces: Pick<SignatureNonces, 'use'>;
}): Promise<SignedRequestsServer> {
  const { publicUrl, clock, clients, nonces } = parts;
  const signedRequests = new SignedRequests({ publicUrl } as Config, clock, clients, nonces as SignatureNonces);
  const app = express();
  app.use(jsonBody(64 * 1024));
  app.use(async (request: Request, response: Response) => {
    const caller = await signedRequests.verify(request);
    response.json({ signer: caller.userId, body: request.body as unknown });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const { problem, unexpected } = describeError(error, 'of-a-test');
    // What nobody foresaw is to be seen, whatever the spec expects.
    response.status(problem.status).json(unexpected ? { ...problem, cause: String(error) } : problem);
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

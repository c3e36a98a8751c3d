/** The calls of the account view, apart from those that every visitor's page needs. */
import type {
  ApiKey,
  ApiKeyRequest,
  CreatedApiKey,
  CreatedHmacClient,
  HmacClient,
  RotatedApiKey,
  RotatedHmacClient,
  RotationRequest,
  SessionDevice,
} from '../../../api-client/generated/types.gen.js';
import { call, json, Problem } from '../api.js';

export type Device = SessionDevice;
export type Credential = ApiKey | HmacClient;
export type CredentialRequest = ApiKeyRequest;
export type Scope = ApiKeyRequest['scopes'][number];
/** Both kinds of credential are made, listed, rotated and deleted alike, each under its own path. */
export type Kind = 'api-keys' | 'hmac-clients';

/** A secret as the server tells it, which it does once. */
export interface ShownSecret {
  id: string;
  name: string;
  secret: string;
  /** What becomes of the secret before: until when it counts as well, null: it has ended. Without: there was none. */
  previous?: { until: string | null };
}

/** What is gone already counts as removed: another tab was quicker. */
async function remove(path: string): Promise<void> {
  try {
    await call('DELETE', path);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
}

export const fetchDevices = async (): Promise<Device[]> => json(await call('GET', '/auth/sessions'));

export const removeDevice = (id: string): Promise<void> => remove(`/auth/sessions/${encodeURIComponent(id)}`);

export async function signOutEverywhere(): Promise<void> {
  await call('POST', '/auth/logout-all');
}

export const fetchCredentials = async (kind: Kind): Promise<Credential[]> => json(await call('GET', `/api/${kind}`));

type Rotated = RotatedApiKey | RotatedHmacClient;
type Told = CreatedApiKey | CreatedHmacClient | Rotated;

function shownSecret(told: Told): ShownSecret {
  return { id: told.id, name: told.name, secret: 'key' in told ? told.key : told.secret };
}

export const createCredential = async (kind: Kind, wanted: CredentialRequest): Promise<ShownSecret> =>
  shownSecret(await json<Told>(await call('POST', `/api/${kind}`, wanted)));

/** For `overlapSeconds` the secret before counts as well. */
export async function rotateCredential(kind: Kind, id: string, overlapSeconds: number): Promise<ShownSecret> {
  const wanted: RotationRequest = { overlapSeconds };
  const told = await json<Rotated>(await call('POST', `/api/${kind}/${encodeURIComponent(id)}/rotate`, wanted));
  // Not by this device's clock, which may go wrong.
  return { ...shownSecret(told), previous: { until: overlapSeconds === 0 ? null : told.previousExpiresAt } };
}

export const removeCredential = (kind: Kind, id: string): Promise<void> =>
  remove(`/api/${kind}/${encodeURIComponent(id)}`);

/** Saves the export under the name that the server gives it. As a whole or not at all: a plain link would also save a refusal. */
export async function downloadExport(): Promise<void> {
  const response = await call('GET', '/api/users/me/export');
  const [, name] = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? [];
  const file = await response.blob().catch((cause: unknown) => {
    throw new Problem(0, { code: 'network' }, null, cause);
  });
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name ?? 'account.json';
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}

export async function deleteAccount(): Promise<void> {
  await call('DELETE', '/api/users/me');
}

// Writes libs/api-client/generated, the typed client, from libs/api-client/openapi.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { createClient } from '@hey-api/openapi-ts';

await createClient({
  input: 'libs/api-client/openapi.json',
  output: { path: 'libs/api-client/generated', clean: true },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'silent' },
});

// The generator's own advice for another framework, with a link to a package, has no reader here.
const types = new URL('../libs/api-client/generated/client/types.gen.ts', import.meta.url);
const text = readFileSync(types, 'utf8');
writeFileSync(types, text.replace(/^ *\*\n *\* Install \{@link [^}]+\} instead\.\n/m, ''));

// Writes libs/api-client/generated, the typed client, from libs/api-client/openapi.json.
import { createClient } from '@hey-api/openapi-ts';

await createClient({
  input: 'libs/api-client/openapi.json',
  output: { path: 'libs/api-client/generated', clean: true },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  logs: { level: 'silent' },
});

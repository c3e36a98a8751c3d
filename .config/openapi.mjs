// Writes libs/api-client/openapi.json from the compiled server. Needs neither database nor network: nothing is started.
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { format } from 'prettier';

const dist = new URL('../dist/', import.meta.url);
const load = (path) => import(new URL(path, dist).href);
const { AppModule } = await load('src/app.module.js');
const { apiDocument } = await load('src/platform/http/api-document.js');
const { readConfig } = await load('src/platform/config/environment.js');
const { DatabaseSettings } = await load('src/platform/database/database.js');
const { RATE_PROVIDER_NAMES } = await load('src/exchange-rate/providers/providers.js');
const { schema } = await load('src/schema.js');

const url = 'postgres://nobody@127.0.0.1:1/nothing';
const config = readConfig({ DATABASE_URL: url, LOG_LEVEL: 'silent' }, { rateProviders: RATE_PROVIDER_NAMES });
const runtime = { config, secrets: undefined, database: new DatabaseSettings(url, url), schema };
// Preview: the modules are put together, none of their classes is made.
const app = await NestFactory.create(AppModule.with(runtime), { preview: true, logger: false, abortOnError: false });
const document = JSON.stringify(apiDocument(app), null, 2);
writeFileSync(
  process.argv[2] ?? new URL('../libs/api-client/openapi.json', import.meta.url),
  await format(document, { parser: 'json', printWidth: 120 }),
);
process.exit(0);

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { UpstreamModule } from '../../../libs/upstream/upstream.module.js';
import { Clock, SystemClock } from '../../platform/time/clock.js';
import { ProviderSettings } from './provider-settings.js';
import { RATE_PROVIDER_CLASSES, RATE_PROVIDER_NAMES, rateProviderProviders, RateProviders } from './providers.js';
import { SampleProvider } from './sample.provider.js';

const here = dirname(fileURLToPath(import.meta.url));

const moduleWith = (rateProviders: readonly string[]) => {
  const settings: ProviderSettings = { frankfurterUrl: 'http://127.0.0.1:1', ecbHistoryUrl: '/nowhere', rateProviders };
  @Module({
    imports: [UpstreamModule],
    providers: [
      ...rateProviderProviders,
      { provide: ProviderSettings, useValue: settings },
      { provide: Clock, useClass: SystemClock },
    ],
  })
  class Rates {}
  return Test.createTestingModule({ imports: [Rates] }).compile();
};

describe('the list of rate providers', () => {
  it('names every provider file of this folder', async () => {
    const listed: unknown[] = [...Object.values(RATE_PROVIDER_CLASSES), SampleProvider];
    const files = readdirSync(here).filter((file) => file.endsWith('.provider.ts'));
    for (const file of files) {
      const exported = Object.values((await import(join(here, file))) as Record<string, unknown>);
      // A provider that is not on the list of providers.ts is never asked.
      expect({ file, listed: exported.some((value) => listed.includes(value)) }).toEqual({ file, listed: true });
    }
    expect(files).toHaveLength(listed.length);
  });

  it('gives each provider the name it is listed under', async () => {
    const module = await moduleWith(RATE_PROVIDER_NAMES);
    expect(module.get(RateProviders).inOrder.map(({ facts }) => facts.name)).toEqual(RATE_PROVIDER_NAMES);
    await module.close();
  });

  it('keeps the configured order, each once', async () => {
    const module = await moduleWith(['ecb', 'frankfurter', 'ecb']);
    const providers = module.get(RateProviders);
    expect(providers.inOrder.map(({ facts }) => facts.name)).toEqual(['ecb', 'frankfurter']);
    expect(providers.named('ecb')).toBe(providers.inOrder[0]);
    expect(providers.named('sample')).toBeUndefined();
    await module.close();
  });

  it('refuses an unknown name, and sample', async () => {
    await expect(moduleWith(['mystery'])).rejects.toThrow('no such rate provider: mystery');
    await expect(moduleWith(['sample'])).rejects.toThrow(RangeError);
  });
});

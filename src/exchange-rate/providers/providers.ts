import type { Provider, Type } from '@nestjs/common';
import { EcbProvider } from './ecb.provider.js';
import { FrankfurterProvider } from './frankfurter.provider.js';
import { ProviderSettings } from './provider-settings.js';
import type { RateProvider } from './rate-provider.js';
import { SampleProvider } from './sample.provider.js';

/** Every source of real rates by its name in `RATE_PROVIDERS`. A new one: its file, and its line here. */
export const RATE_PROVIDER_CLASSES = {
  frankfurter: FrankfurterProvider,
  ecb: EcbProvider,
} as const satisfies Readonly<Record<string, Type<RateProvider>>>;

export const RATE_PROVIDER_NAMES: readonly string[] = Object.keys(RATE_PROVIDER_CLASSES);

/** The sources that are switched on, in order of preference. The made-up {@link SampleProvider} is never among them. */
export class RateProviders {
  readonly inOrder: readonly RateProvider[];

  /** Throws RangeError for a name that is not on the list. */
  constructor(all: readonly RateProvider[], order: readonly string[]) {
    this.inOrder = [...new Set(order)].map((name) => {
      const provider = all.find(({ facts }) => facts.name === name);
      if (provider === undefined) throw new RangeError(`no such rate provider: ${name}`);
      return provider;
    });
  }

  named(name: string): RateProvider | undefined {
    return this.inOrder.find(({ facts }) => facts.name === name);
  }
}

const classes = Object.values(RATE_PROVIDER_CLASSES);

/**
 * For the module's `providers`: {@link RateProviders}, each source and {@link SampleProvider}. Needs
 * {@link ProviderSettings}, UpstreamClient and Clock.
 */
export const rateProviderProviders: Provider[] = [
  ...classes,
  SampleProvider,
  {
    provide: RateProviders,
    inject: [ProviderSettings, ...classes],
    useFactory: (settings: ProviderSettings, ...all: RateProvider[]) => new RateProviders(all, settings.rateProviders),
  },
];

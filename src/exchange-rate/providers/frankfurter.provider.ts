import { Injectable } from '@nestjs/common';
import { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { Clock } from '../../platform/time/clock.js';
import { isoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { earlier, later } from './date-window.js';
import { FrankfurterV1 } from './frankfurter-v1.js';
import { FrankfurterV2 } from './frankfurter-v2.js';
import { ProviderSettings } from './provider-settings.js';
import { type ObservationRequest, type ProviderFacts, RateProvider } from './rate-provider.js';

/** Frankfurter, v2 unless `FRANKFURTER_URL` ends in `/v1`. What each yields is said at {@link FrankfurterV2} and {@link FrankfurterV1}. */
@Injectable()
export class FrankfurterProvider extends RateProvider {
  readonly facts: ProviderFacts = {
    name: 'frankfurter',
    earliest: isoDate('1999-01-04'),
    title: 'Frankfurter',
    publication: { EUR: 'target', USD: 'blend' },
    historyInOneAnswer: false,
  };
  readonly #version: FrankfurterV1 | FrankfurterV2;

  constructor(
    settings: ProviderSettings,
    upstream: UpstreamClient,
    private readonly clock: Clock,
  ) {
    super();
    const url = settings.frankfurterUrl.replace(/\/+$/, '');
    if (url.endsWith('/v1')) this.#version = new FrankfurterV1(upstream, url);
    else this.#version = new FrankfurterV2(upstream, url.endsWith('/v2') ? url : `${url}/v2`, () => clock.today());
  }

  observations(request: ObservationRequest): AsyncIterable<Observation> {
    // A blend can bear tomorrow's date, and a range without a past day in it can only be refused.
    const from = later(request.from, this.facts.earliest);
    const to = earlier(request.to, this.clock.today());
    return this.#version.observations({ ...request, from, to });
  }
}

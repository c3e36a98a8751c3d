import { Injectable } from '@nestjs/common';
import { UpstreamClient } from '../../../libs/upstream/upstream-client.js';
import { isoDate } from '../../platform/time/iso-date.js';
import type { Observation } from '../domain/observation.js';
import { parseEcbCsv } from './ecb-csv.js';
import { ecbHistoryCsv } from './ecb-file.js';
import { ProviderSettings } from './provider-settings.js';
import { isWanted } from './published.js';
import { type ObservationRequest, type ProviderFacts, RateProvider } from './rate-provider.js';

/** The European Central Bank's own file: euro legs since 1999, newest first. Each request reads the whole file. */
@Injectable()
export class EcbProvider extends RateProvider {
  readonly facts: ProviderFacts = {
    name: 'ecb',
    earliest: isoDate('1999-01-04'),
    title: 'European Central Bank',
    publication: { EUR: 'target' },
    historyInOneAnswer: true,
  };

  constructor(
    private readonly settings: ProviderSettings,
    private readonly upstream: UpstreamClient,
  ) {
    super();
  }

  async *observations(request: ObservationRequest): AsyncGenerator<Observation> {
    const csv = await ecbHistoryCsv(this.settings.ecbHistoryUrl, this.upstream, request.signal);
    for (const observation of await parseEcbCsv(csv, request.signal)) {
      if (isWanted(request, observation.date, observation.quote)) yield observation;
    }
  }
}

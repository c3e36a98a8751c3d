import { Injectable } from '@nestjs/common';
import { currencyCode } from '../../libs/money/currency.js';
import { Clock } from '../platform/time/clock.js';
import { addMonths, type IsoDate } from '../platform/time/iso-date.js';
import { type Gaps, gapsBetween } from './domain/gaps.js';
import { pairKey } from './domain/pair.js';
import { nextDueAt } from './domain/refresh-plan.js';
import { isStale } from './domain/staleness.js';
import { expectedNewest } from './domain/target-calendar.js';
import { RateProviders } from './providers/providers.js';
import type { ProviderFacts } from './providers/rate-provider.js';
import { RateRefreshService } from './rate-refresh.service.js';
import type { RateSource } from './rate-sources.dto.js';
import { RateEvidenceRepository } from './storage/rate-evidence.repository.js';
import { RateQuarantineRepository } from './storage/rate-quarantine.repository.js';
import { RateSourcesRepository } from './storage/rate-sources.repository.js';

const GAPS_MONTHS = 24;
const NEWEST_QUARANTINED = 20;
/** Every publication has these; a day without one of them is incomplete. */
const MAJORS = ['USD', 'JPY', 'GBP', 'CHF'].map((code) => pairKey(currencyCode('EUR'), currencyCode(code)));

/** How each source does, for administrators. */
@Injectable()
export class RateSourcesReport {
  constructor(
    private readonly providers: RateProviders,
    private readonly refresh: RateRefreshService,
    private readonly sources: RateSourcesRepository,
    private readonly evidence: RateEvidenceRepository,
    private readonly quarantine: RateQuarantineRepository,
    private readonly clock: Clock,
  ) {}

  /** In the order of preference. */
  async all(): Promise<RateSource[]> {
    const reports: RateSource[] = [];
    for (const { facts } of this.providers.inOrder) reports.push(await this.of(facts));
    return reports;
  }

  private async of(facts: ProviderFacts): Promise<RateSource> {
    const now = this.clock.now();
    const state = await this.refresh.stateOf(facts);
    const health = await this.sources.of(facts.name);
    const quarantined = await this.quarantine.of(facts.name);
    const { newest } = state;
    return {
      name: facts.name,
      title: facts.title,
      loadedFrom: state.loadedFrom,
      newest,
      stale: newest === null || isStale({ kind: 'target', newest, asOf: this.clock.today(), now }),
      lastAttemptAt: state.attemptedAt?.toISOString() ?? null,
      lastSuccessAt: state.succeededAt?.toISOString() ?? null,
      failures: state.failures,
      lastError: health?.lastError ?? null,
      nextDueAt: later(nextDueAt(state, now), now).toISOString(),
      lastFullPassAt: state.fullPassAt?.toISOString() ?? null,
      fullPassReached: state.fullPassReached,
      ...(await this.evidence.counts(facts.name)),
      gaps: await this.gaps(facts, state.loadedFrom, now),
      quarantined: {
        count: quarantined.length,
        newest: quarantined.slice(0, NEWEST_QUARANTINED).map((figure) => ({
          base: figure.base,
          quote: figure.quote,
          date: figure.date,
          rate: figure.rate,
          reason: figure.reason,
          firstSeen: figure.firstSeen.toISOString(),
          lastSeen: figure.lastSeen.toISOString(),
          times: figure.times,
        })),
      },
    };
  }

  /** Of the last two years, as far as they were fetched. */
  private async gaps(facts: ProviderFacts, loadedFrom: IsoDate | null, now: Date): Promise<Gaps> {
    if (loadedFrom === null) return { days: 0, ranges: [] };
    const to = expectedNewest(now);
    const begin = addMonths(to, -GAPS_MONTHS);
    const from = loadedFrom > begin ? loadedFrom : begin;
    const stored = await this.evidence.daysOf(facts.name, MAJORS, { from, to });
    const complete = [...stored].filter(([, series]) => series === MAJORS.length).map(([day]) => day);
    return gapsBetween(from, to, new Set(complete));
  }
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

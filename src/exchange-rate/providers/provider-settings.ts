/** What the providers need of the configuration; `Config` has this shape and is bound to it by the module. */
export abstract class ProviderSettings {
  /** `FRANKFURTER_URL`: a host, or a path ending in `/v1` or `/v2`. */
  abstract readonly frankfurterUrl: string;
  /** `ECB_HISTORY_URL`: an http(s) or file URL, or a path. */
  abstract readonly ecbHistoryUrl: string;
  /** `RATE_PROVIDERS`: names in order of preference. */
  abstract readonly rateProviders: readonly string[];
}

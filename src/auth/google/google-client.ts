/** Where and as whom we sign people in: Google's own addresses, a discovered issuer's, or the development provider's. */
export interface OpenIdClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** As the `iss` of its ID tokens. */
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
}

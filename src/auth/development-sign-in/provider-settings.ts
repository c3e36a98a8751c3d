import type * as oidc from 'oidc-provider';
import type { Accounts } from './accounts.js';

/** In seconds. */
const LIFE = { interaction: 600, code: 60, grant: 600, token: 3_600 };

export interface ProviderParts {
  readonly issuer: string;
  readonly client: { readonly clientId: string; readonly clientSecret: string; readonly redirectUri: string };
  readonly cookieKey: string;
  readonly accounts: Accounts;
  readonly adapter: oidc.AdapterFactory;
  readonly jwks: oidc.JWKS;
  readonly renderError: NonNullable<oidc.Configuration['renderError']>;
}

/** One client, one flow: the code flow with PKCE, tokens as Google's. Everything else that the package can do is off. */
export function providerSettings(parts: ProviderParts, { interactionPolicy }: typeof oidc): oidc.Configuration {
  return {
    adapter: parts.adapter,
    jwks: parts.jwks,
    clients: [
      {
        client_id: parts.client.clientId,
        client_secret: parts.client.clientSecret,
        client_name: 'Hackonomics',
        redirect_uris: [parts.client.redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        // As passport-oauth2 does it; the provider takes the Authorization header as well.
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    pkce: { required: () => true },
    scopes: ['openid', 'email', 'profile'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // As Google: e-mail address and name are in the ID token, so that nobody has to ask for more.
    conformIdTokenClaims: false,
    findAccount: async (_ctx, subject) => {
      const account = await parts.accounts.find(subject);
      if (account === undefined) return undefined;
      const { email, emailVerified, name } = account;
      return {
        accountId: subject,
        claims: () => ({ sub: subject, email, email_verified: emailVerified, ...(name === null ? {} : { name }) }),
      };
    },
    interactions: {
      url: (_ctx, { uid }) => `${parts.issuer}/interaction/${uid}`,
      policy: alwaysChoose(interactionPolicy),
    },
    // Choosing an account is the consent.
    loadExistingGrant: async (ctx) => {
      const { client, account, provider, requestParamOIDCScopes } = ctx.oidc;
      if (client === undefined || account === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
      grant.addOIDCScope([...requestParamOIDCScopes].join(' '));
      await grant.save();
      return grant;
    },
    expiresWithSession: () => false,
    ttl: {
      Interaction: LIFE.interaction,
      Session: LIFE.interaction,
      AuthorizationCode: LIFE.code,
      Grant: LIFE.grant,
      AccessToken: LIFE.token,
      IdToken: LIFE.token,
    },
    cookies: {
      names: { session: 'hx_dev_session', interaction: 'hx_dev_interaction', resume: 'hx_dev_resume' },
      keys: [parts.cookieKey],
      long: { httpOnly: true, sameSite: 'lax', signed: true, path: new URL(parts.issuer).pathname },
      // No path here: the provider narrows it to the one sign-in, so that two tabs do not disturb each other.
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    clientBasedCORS: () => false,
    renderError: parts.renderError,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
  };
}

/** The page comes at every sign-in, whatever `prompt` says; `prompt=none` is refused as by a Google that knows nobody. */
function alwaysChoose({ Check, Prompt }: typeof oidc.interactionPolicy): oidc.interactionPolicy.Prompt[] {
  const notChosen = new Check('account_not_chosen', 'an account has to be chosen', 'login_required', (ctx) => {
    return ctx.oidc.result?.login === undefined;
  });
  return [
    new Prompt({ name: 'login', requestable: true }, notChosen),
    new Prompt({ name: 'select_account', requestable: true }),
    new Prompt({ name: 'consent', requestable: true }),
  ];
}

/** What the chosen account answers: it settles every `prompt` that the request may have named. */
export function chosen(accountId: string): oidc.InteractionResults {
  return { login: { accountId, remember: false }, select_account: {}, consent: {} };
}

/** As Google answers where the visitor turns back. */
export const CANCELLED: oidc.InteractionResults = {
  error: 'access_denied',
  error_description: 'the visitor cancelled the sign-in',
};

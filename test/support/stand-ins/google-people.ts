/** Who signs in. Only `sub` is needed: the rest of a person made of it alone is derived from it. */
export interface Person {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly name: string;
  readonly given_name?: string;
  readonly picture?: string;
  /** Domain of a Workspace account: Google adds it to the redirect and to the ID token. */
  readonly hd?: string;
}

/** A person made of the subject alone: the same subject, the same person. */
export function personOf(sub: string): Person {
  return {
    sub,
    email: `${sub.toLowerCase()}@example.com`,
    email_verified: true,
    name: `Person ${sub}`,
    given_name: 'Person',
    picture: `https://lh3.example.com/a/${sub}=s96-c`,
  };
}

/** A subject, or the JSON of a person, as it stands in a parameter, cookie or header. Missing fields are derived. */
export function personFromText(text: string): Person {
  if (!text.startsWith('{')) return personOf(text);
  const given = JSON.parse(text) as Partial<Person>;
  if (typeof given.sub !== 'string' || given.sub === '') throw new Error('a person needs a sub');
  return { ...personOf(given.sub), ...given };
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearer, problemOf, SignInHouse } from '../support/sign-in-house.js';

let house: SignInHouse;
beforeAll(async () => {
  house = await SignInHouse.open();
});
afterAll(() => house.close());

/** A new person, and how to change the profile. */
async function person(
  sub: string,
): Promise<{ change: (body: unknown) => Promise<Response>; me: () => Promise<Record<string, unknown>> }> {
  const headers = bearer((await house.tokens(sub)).accessToken);
  return {
    change: (body) => house.send('PATCH', '/api/users/me', { body, headers }),
    me: async () => (await (await house.send('GET', '/api/users/me', { headers })).json()) as Record<string, unknown>,
  };
}

describe('choosing a country', () => {
  it('takes its everyday currency along, and is stored', async () => {
    const { change, me } = await person('korean');
    const answer = await change({ country: 'KR' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(await answer.json()).toEqual(await me());
    expect(await me()).toMatchObject({ country: 'KR', currency: 'KRW' });
    const [row] = (await house.users()).filter(({ subject }) => subject === 'korean');
    expect(row).toMatchObject({ country: 'KR', currency: 'KRW' });
  });

  it.each([
    [{ country: 'kr' }, { country: 'KR', currency: 'KRW' }],
    [{ country: 'Xk' }, { country: 'XK', currency: 'EUR' }],
    [{ country: 'us' }, { country: 'US', currency: 'USD' }],
    [{ country: 'hr' }, { country: 'HR', currency: 'EUR' }],
    [{ country: 'PS' }, { country: 'PS', currency: 'ILS' }],
    [
      { country: 'PS', currency: 'jod' },
      { country: 'PS', currency: 'JOD' },
    ],
    [
      { country: 'LS', currency: 'ZAR' },
      { country: 'LS', currency: 'ZAR' },
    ],
  ])('%j', async (choice, expected) => {
    const { change } = await person('anywhere');
    expect(await (await change(choice)).json()).toMatchObject(expected);
  });

  it('lets the currency be changed to another of that country, and be followed again', async () => {
    const { change } = await person('palestinian');
    await change({ country: 'PS', currency: 'USD' });
    expect(await (await change({ currency: 'ILS' })).json()).toMatchObject({ country: 'PS', currency: 'ILS' });
    expect(await (await change({ country: 'KR' })).json()).toMatchObject({ country: 'KR', currency: 'KRW' });
  });

  it('stays as it is when nothing is asked for', async () => {
    const { change, me } = await person('undecided');
    for (const body of [{}, undefined]) {
      const answer = await change(body);
      expect([answer.status, await answer.json()]).toEqual([200, await me()]);
    }
    await change({ country: 'PS', currency: 'JOD' });
    expect(await (await change({})).json()).toMatchObject({ country: 'PS', currency: 'JOD' });
  });

  it.each<[unknown, string]>([
    [{ country: 'ZZ' }, 'country'],
    [{ country: 'AC' }, 'country'],
    [{ country: 'KOR' }, 'country'],
    [{ country: 'K' }, 'country'],
    [{ country: '' }, 'country'],
    [{ country: ' KR' }, 'country'],
    [{ country: 'KR\n' }, 'country'],
    [{ country: '\u212ar' }, 'country'],
    [{ country: null }, 'country'],
    [{ country: 82 }, 'country'],
    [{ country: ['KR'] }, 'country'],
    [{ country: { code: 'KR' } }, 'country'],
    [{ country: 'KR', currency: 'USD' }, 'currency'],
    [{ country: 'KR', currency: 'ZZZ' }, 'currency'],
    [{ country: 'KR', currency: 'KR' }, 'currency'],
    [{ country: 'KR', currency: null }, 'currency'],
    [{ country: 'KR', currency: ['KRW'] }, 'currency'],
    [{ currency: 'EUR' }, 'currency'],
    [{ country: 'KR', id: 'x' }, 'id'],
    [{ role: 'admin' }, 'role'],
    [{ email: 'boss@example.com' }, 'email'],
    [{ toString: 'x' }, 'toString'],
  ])('refuses %j and names %s', async (body, field) => {
    const { change, me } = await person('chooser');
    await change({ country: 'CH' });
    const problem = await problemOf(await change(body));
    expect(problem).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ field, message: expect.any(String) }],
    });
    expect(await me()).toMatchObject({ country: 'CH', currency: 'CHF', role: 'user' });
  });

  it('needs a country before a currency', async () => {
    const { change } = await person('currency-first');
    expect(await problemOf(await change({ currency: 'KRW' }))).toMatchObject({
      status: 400,
      errors: [{ field: 'country' }],
    });
  });

  it('of one person is nobody else’s', async () => {
    const [one, other] = [await person('neighbour-1'), await person('neighbour-2')];
    await one.change({ country: 'JP' });
    expect(await other.me()).toMatchObject({ country: null, currency: null });
  });

  it('survives the next sign-in', async () => {
    await (await person('faithful')).change({ country: 'PS', currency: 'JOD' });
    expect(await (await person('faithful')).me()).toMatchObject({ country: 'PS', currency: 'JOD' });
  });
});

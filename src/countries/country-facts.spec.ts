import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allCountries, findCountry } from './country-facts.js';

// ISO 3166-1 (alpha-2, officially assigned): written out here so that a package that gains or loses a code is noticed.
const ISO_3166_1 = `
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
  CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
  GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
  KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
  MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM
  PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ
  TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
`;

// ISO 4217 list one as of amendment 180 (1 January 2026), without metals, funds, test codes and units of account.
const ISO_4217_MONEY = new Set(
  words(`
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC
  CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR
  ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
  MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
  SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF
  YER ZAR ZMW ZWG`),
);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

describe('country facts', () => {
  it('hold the 249 territories of ISO 3166-1 and Kosovo', () => {
    const expected = [...words(ISO_3166_1), 'XK'].sort();
    expect(expected).toHaveLength(250);
    expect(
      allCountries()
        .map(({ code }) => code)
        .sort(),
    ).toEqual(expected);
  });

  it('give every territory money of today, the everyday one first, none twice', () => {
    for (const { code, currency, currencies } of allCountries()) {
      expect([code, currencies[0]]).toEqual([code, currency]);
      expect([code, new Set(currencies).size]).toEqual([code, currencies.length]);
      expect([code, currencies.filter((each) => !ISO_4217_MONEY.has(each))]).toEqual([code, []]);
    }
  });

  it('leave no money of today without a country, but for the second code of the bolivar', () => {
    const used = new Set<string>(allCountries().flatMap(({ currencies }) => currencies));
    expect([...ISO_4217_MONEY].filter((each) => !used.has(each))).toEqual(['VED']);
  });

  it.each([
    [
      'EUR',
      'AD AT AX BE BG BL CY DE EE ES FI FR GF GP GR HR IE IT LT LU LV MC ME MF MQ MT NL PM PT RE SI SK SM TF VA XK YT',
    ],
    ['USD', 'AQ AS BQ EC FM GU IO MH MP PR PW SV TC TL UM US VG VI'],
    ['GBP', 'GB GG GS IM JE'],
    ['CHF', 'CH LI'],
    ['XCG', 'CW SX'],
  ])('know where %s is the everyday currency', (currency, codes) => {
    const found = allCountries().filter((country) => country.currency === currency);
    expect(found.map(({ code }) => code).sort()).toEqual(words(codes));
  });

  it.each([
    ['KR', 'KRW'],
    ['CH', 'CHF'],
    ['SV', 'USD'],
    ['US', 'USD'],
    ['CL', 'CLP'],
    ['SL', 'SLE'],
    ['VE', 'VES'],
    ['MR', 'MRU'],
    ['ST', 'STN'],
    ['EH', 'MAD'],
    ['PA', 'PAB USD'],
    ['BT', 'BTN INR'],
    ['LS', 'LSL ZAR'],
    ['NA', 'NAD ZAR'],
    ['HT', 'HTG USD'],
    ['LR', 'LRD USD'],
    ['CU', 'CUP USD'],
    ['PS', 'ILS JOD USD'],
    ['ZW', 'ZWG USD ZAR BWP GBP AUD CNY INR JPY'],
  ])('give %s the currencies %s', (code, currencies) => {
    expect(findCountry(code)?.currencies).toEqual(words(currencies));
  });

  it('are found by their code in any case', () => {
    expect(findCountry('kr')).toBe(findCountry('KR'));
    expect(findCountry('Kr')?.code).toBe('KR');
  });

  it('have no entry for any other text', () => {
    for (const text of ['', 'AN', 'AC', 'TA', 'ZZ', 'KOR', ' KR', 'KR\n', 'ſV', '__proto__']) {
      expect([text, findCountry(text)]).toEqual([text, undefined]);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = findCountry(text);
        expect(found === undefined || found.code === text.toUpperCase()).toBe(true);
      }),
    );
  });
});

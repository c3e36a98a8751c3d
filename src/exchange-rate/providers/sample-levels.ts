import { currencyCode, type CurrencyCode } from '../../../libs/money/currency.js';

export interface SampleLevel {
  readonly quote: CurrencyCode;
  /** Units for one USD around which the made-up rate moves. */
  readonly level: number;
  /** Pegged currencies barely move. */
  readonly pegged: boolean;
}

/** Rough orders of magnitude, enough for a chart to look like the currency; `=` marks a peg. They are nobody's figures. */
const TABLE = `
  AED=3.6725 AFN 70 ALL 84 AMD 385 ANG=1.79 AOA 915 ARS 1400 AUD 1.51 AWG=1.79 AZN=1.7 BAM 1.68 BBD=2 BDT 122 BHD=0.376
  BIF 2950 BMD=1 BND 1.29 BOB 6.91 BRL 5.4 BSD=1 BTN 88 BWP 13.6 BYN 3.3 BZD=2 CAD 1.38 CDF 2300 CHF 0.8 CLP 950 CNY 7.1
  COP 4000 CRC 505 CUP 24 CVE 95 CZK 21 DJF=177.721 DKK 6.42 DOP 62 DZD 130 EGP 48 ERN=15 ETB 145 EUR 0.86 FJD 2.27
  FKP 0.75 GBP 0.75 GEL 2.7 GHS 11.5 GIP 0.75 GMD 72 GNF 8650 GTQ 7.67 GYD 209 HKD=7.78 HNL 26 HTG 131 HUF 336 IDR 16500
  ILS 3.35 INR 88 IQD=1310 IRR 42000 ISK 123 JMD 160 JOD=0.709 JPY 148 KES 129 KGS 87 KHR 4010 KMF 423 KPW 900 KRW 1400
  KWD 0.306 KYD=0.8333 KZT 540 LAK 21700 LBP=89500 LKR 302 LRD 180 LSL 17.5 LYD 5.4 MAD 9.1 MDL 16.8 MGA 4450 MKD 52.8
  MMK 2100 MNT 3590 MOP 8.02 MRU 40 MUR 45.5 MVR 15.4 MWK 1735 MXN 18.5 MYR 4.2 MZN 64 NAD 17.5 NGN 1500 NIO 36.8 NOK 10
  NPR 141 NZD 1.72 OMR=0.3845 PAB=1 PEN 3.5 PGK 4.2 PHP 57.5 PKR 282 PLN 3.65 PYG 7200 QAR=3.64 RON 4.37 RSD 100.5 RUB 82
  RWF 1450 SAR=3.75 SBD 8.3 SCR 14.4 SDG 600 SEK 9.5 SGD 1.29 SHP 0.75 SLE 23 SOS 571 SRD 39 SSP 4700 STN 21 SVC=8.75
  SYP 11000 SZL 17.5 THB 32.3 TJS 9.4 TMT=3.5 TND 2.9 TOP 2.39 TRY 41.5 TTD 6.78 TWD 30.5 TZS 2470 UAH 41.5 UGX 3500
  UYU 40 UZS 12200 VES 180 VND 26300 VUV 120 WST 2.75 XAF 563 XCD=2.7 XCG=1.79 XOF 563 XPF 102 YER 240 ZAR 17.5 ZMW 23.5
  ZWG 26.7`;

export const SAMPLE_LEVELS: readonly SampleLevel[] = [...TABLE.matchAll(/([A-Z]{3})([ =])([\d.]+)/g)].map(
  ([, code = '', mark, level]) => ({ quote: currencyCode(code), level: Number(level), pegged: mark === '=' }),
);

import { type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Global, type INestApplication, Injectable, Module } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { currencyCode, type CurrencyCode } from '../../libs/money/currency.js';
import { PUBLIC_ROUTE } from '../platform/http/public.decorator.js';
import { ChartCoverage, type SeriesState } from './chart-coverage.js';
import { CountriesController } from './countries.controller.js';
import { CountriesModule } from './countries.module.js';
import { CountriesService } from './countries.service.js';

@Injectable()
class Series extends ChartCoverage {
  override states(): Promise<ReadonlyMap<CurrencyCode, SeriesState>> {
    return Promise.resolve(new Map([[currencyCode('KRW'), 'available']]));
  }
}

@Injectable()
class Profiles {
  constructor(readonly countries: CountriesService) {}
}

@Module({ imports: [CountriesModule], providers: [Profiles], exports: [Profiles] })
class ProfilesModule {}

// The rates need the profiles, and these the countries, whose charts need the rates: the binding must bear that ring.
@Module({ imports: [ProfilesModule], providers: [Series], exports: [Series] })
class RatesModule {}

@Global()
@Module({
  imports: [RatesModule],
  providers: [{ provide: ChartCoverage, useExisting: Series }],
  exports: [ChartCoverage],
})
class ChartCoverageModule {}

describe('GET /api/countries', () => {
  let app: INestApplication<Server>;

  beforeAll(async () => {
    const modules = await Test.createTestingModule({ imports: [CountriesModule, ChartCoverageModule] }).compile();
    app = modules.createNestApplication({ logger: false });
    await app.init();
  });

  afterAll(() => app.close());

  it('answers in English where no language is asked for', async () => {
    const { status, headers, body } = await request(app.getHttpServer()).get('/api/countries');
    expect(status).toBe(200);
    expect(headers['content-language']).toBe('en');
    expect(headers.vary).toContain('Accept-Language');
    expect(body).toHaveLength(250);
    expect(body[0]).toEqual({ code: 'AF', name: 'Afghanistan', currency: 'AFN', currencies: ['AFN'], chart: 'none' });
  });

  it('answers in the language asked for', async () => {
    const { headers, body } = await request(app.getHttpServer())
      .get('/api/countries')
      .set('Accept-Language', 'xx;q=1, ko-KR;q=0.9, en;q=0.8');
    expect(headers['content-language']).toBe('ko-KR');
    expect(body).toContainEqual({
      code: 'KR',
      name: '대한민국',
      currency: 'KRW',
      currencies: ['KRW'],
      chart: 'available',
    });
  });

  it.each(['en_US', '*;q=0', ';;;,,,', 'de-', '\u00ff\u00fe', 'a'.repeat(5000), 'de,'.repeat(2000)])(
    'answers in English to the header %#',
    async (header) => {
      const { status, headers } = await request(app.getHttpServer())
        .get('/api/countries')
        .set('Accept-Language', header);
      expect([status, headers['content-language']]).toEqual([200, 'en']);
    },
  );

  it('is public', () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- the mark is on the method itself
    expect(Reflect.getMetadata(PUBLIC_ROUTE, CountriesController.prototype.list)).toBe(true);
  });

  it('describes exactly the answer in the OpenAPI document', () => {
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const schema = document.components?.schemas?.['CountryEntry'];
    expect(schema).toMatchObject({
      required: ['code', 'name', 'currency', 'currencies', 'chart'],
      properties: { code: { type: 'string' }, currencies: { type: 'array', items: { type: 'string' } } },
    });
    expect(document.paths['/api/countries']?.get?.responses['200']).toMatchObject({
      content: {
        'application/json': { schema: { type: 'array', items: { $ref: '#/components/schemas/CountryEntry' } } },
      },
    });
  });
});

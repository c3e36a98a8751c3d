import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { API_KEY, HTTP_SIGNATURE } from './scopes.decorator.js';
import { PROBLEM_JSON, Problem } from './problem.js';

/** The OpenAPI document of all routes; errors of any route are problem details. */
export function apiDocument(app: INestApplication): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setTitle('Hackonomics')
    .setDescription('Your currency against the US dollar: reference rates with their origin. For information only.')
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'Access token of a session; a browser sends it as a cookie',
    })
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'hx_<id>_<secret>' }, API_KEY)
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'Signature',
        description:
          'RFC 9421 with Signature-Input: hmac-sha256 over @method, @target-uri and, with a body, content-digest',
      },
      HTTP_SIGNATURE,
    )
    .build();
  const document = SwaggerModule.createDocument(app, settings, {
    extraModels: [Problem],
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.patch, path.put, path.delete]) {
      if (operation === undefined) continue;
      operation.responses.default = {
        description: 'Any error, as RFC 9457 problem details',
        content: { [PROBLEM_JSON]: { schema: { $ref: '#/components/schemas/Problem' } } },
      };
    }
  }
  return document;
}

/** `/docs` for people, `/openapi.json` for programs. */
export function serveApiDocument(app: INestApplication): void {
  // Made when it is first asked for: no start waits for it.
  SwaggerModule.setup('docs', app, () => apiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Hackonomics API',
  });
}

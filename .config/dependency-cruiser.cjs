// The architecture as rules: what may know what. See docs/decisions/0001.
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'A circle means that two files are one, or that a third is missing. Entities meet by type alone.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'libs-know-nothing-of-src',
      comment: 'A library of ours could be used in another house.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^src/' },
    },
    {
      name: 'money-stands-alone',
      severity: 'error',
      from: { path: '^libs/money/', pathNot: '[.]spec[.]ts$' },
      to: { pathNot: '^libs/money/' },
    },
    {
      name: 'platform-knows-no-feature',
      comment: 'No feature knows another through the platform.',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/(?!platform/)' },
    },
    {
      name: 'pure-rules-stay-pure',
      comment: 'Rules of the domain depend on money and dates only: no framework, no database, no network.',
      severity: 'error',
      from: { path: '^src/exchange-rate/domain/', pathNot: '[.]spec[.]ts$' },
      to: { pathNot: ['^src/exchange-rate/domain/', '^libs/money/', '^src/platform/time/iso-date[.]ts$'] },
    },
    {
      name: 'not-into-the-inside-of-another-feature',
      comment: 'Features meet through what lies at the top of their folders, never through storage or other insides.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: ['^src/migrations/', '[.]spec[.]ts$'] },
      to: { path: '^src/[^/]+/[^/]+/', pathNot: ['^src/$1/', '^src/platform/'] },
    },
    {
      name: 'entities-stay-in-storage',
      comment:
        'Rows leave a repository as plain values. Only entities, repositories, modules and the schema know entities.',
      severity: 'error',
      from: {
        pathNot: [
          '[.](entity|repository|module|spec)[.]ts$',
          '^src/schema[.]ts$',
          '^test/',
          '^src/auth/development-sign-in/records[.]ts$',
        ],
      },
      to: { path: '[.]entity[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-page-stands-alone',
      comment: 'The browser loads the page and the generated client, nothing of the server.',
      severity: 'error',
      from: { path: '^libs/web/' },
      to: { path: '^(src|libs/(?!web/|api-client/))' },
    },
    {
      name: 'no-tests-in-the-product',
      severity: 'error',
      from: { path: '^(src|libs)/', pathNot: ['[.](spec|contract)[.]ts$', 'spec-support[.]ts$'] },
      to: { path: ['^test/', '[.]spec[.]ts$', 'jest'] },
    },
    {
      name: 'only-listed-dependencies',
      comment: 'What the server imports is in dependencies, not only there by way of another package.',
      severity: 'error',
      from: {
        path: '^(src|libs)/',
        pathNot: ['[.](spec|contract)[.]ts$', '^libs/web/', '^libs/api-client/', 'spec-support[.]ts$'],
      },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown', 'undetermined', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^libs/api-client/generated/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

/**
 * A process that owns an embedded PostgreSQL, for the specs to kill: argument 1 is the options as JSON. Prints one line of
 * JSON, `{url, port, recovered}` or `{code, message}`; ends when it is told to on stdin (`stop`), or by force.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// Node runs TypeScript by itself, but takes `./x.js` literally where the compiler means `./x.ts`.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('./') && specifier.endsWith('.js') && context.parentURL) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(source))) return next(source.href, context);
    }
    return next(specifier, context);
  },
});

const { startEmbeddedPostgres } = await import('./embedded-postgres.ts');
const print = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
try {
  const database = await startEmbeddedPostgres(JSON.parse(process.argv[2]));
  const { url, port, dataDir, recovered } = database;
  print({ url, port, dataDir, recovered });
  createInterface({ input: process.stdin }).once('line', async () => {
    await database.stop();
    print({ stopped: true });
    process.exit(0);
  });
} catch (error) {
  print({ code: error.code, message: error.message });
  process.exitCode = 1;
}

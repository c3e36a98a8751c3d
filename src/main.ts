import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Before anything heavy is loaded: compiled code is kept beside the build (where that may be written), and a signal is
// heard from the first moment on.
enableCompileCache(fileURLToPath(new URL('../.compile-cache', import.meta.url)));
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());

const { run } = await import('./run.js');
await run(stop.signal);

// Before anything heavy is loaded: a signal is heard from the first moment on.
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());
process.on('SIGTERM', () => stop.abort());

const { run } = await import('./run.js');
await run(stop.signal);

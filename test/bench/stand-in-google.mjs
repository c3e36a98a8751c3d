// A Google in a process of its own, slow at the token endpoint: its work shall not count as ours.
import './typescript.mjs';

const { startGoogle } = await import('../support/stand-ins/google.ts');
const [, , delayMs] = process.argv;
const google = await startGoogle();
if (Number(delayMs) > 0) google.plan({ match: /POST \/token/, fault: { kind: 'delay', ms: Number(delayMs) } });
const { url, clientId, clientSecret } = google;
process.send({ url, clientId, clientSecret });
process.once('disconnect', () => void google.close());

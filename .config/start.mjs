// npm start: builds what is not built, then becomes the server (one process, so that signals reach it directly).
import './build.mjs';

await import('../dist/src/main.js');

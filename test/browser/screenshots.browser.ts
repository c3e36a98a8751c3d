import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from './support/chromium.js';
import { type Site, startSite } from './support/site.js';
import { chartDrawn, chooseCountry, signInByDevelopmentPage } from './support/steps.js';
import { Visit } from './support/visit.js';

const ROOT = join(import.meta.dirname, '..', '..');
const REAL_FILE = join(ROOT, '..', 'shared', 'data', 'eurofxref-hist.csv');
const IMAGES = process.env.SCREENSHOT_DIR ?? join(ROOT, 'docs', 'images');

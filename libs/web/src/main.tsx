import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { ErrorBoundary } from './components/error-boundary.js';
import { locale } from './locale.js';
import { languageOf } from './messages.js';
import { queryClient, watchReturns } from './queries.js';
import './styles/base.css';
import './styles/parts.css';
import './styles/dashboard.css';

document.documentElement.lang = languageOf(locale);
watchReturns();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </QueryClientProvider>
  </StrictMode>,
);

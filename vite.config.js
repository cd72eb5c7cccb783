import { defineConfig } from 'vite';

// Each entry is included only by the pages that need it: page by most, field by those of the phone, whose service
// worker is a file of its own and imports nothing.
export default defineConfig({
  base: './',
  publicDir: false,
  clearScreen: false,
  logLevel: 'warn',
  // The editor of form-js brings a preact of its own; its questions are drawn by that of its viewer, and two cannot meet.
  resolve: { dedupe: ['preact'] },
  build: {
    outDir: 'app/web/static/dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0, // no data: addresses, so that the page's security policy can stay strict
    chunkSizeWarningLimit: 4000,
    rollupOptions: {
      input: {
        page: 'frontend/page/index.js',
        designer: 'frontend/designer/index.js',
        forms: 'frontend/forms/index.js',
        decisions: 'frontend/decisions/index.js',
        field: 'frontend/field/index.js',
        worker: 'frontend/field/worker.js',
      },
    },
  },
});

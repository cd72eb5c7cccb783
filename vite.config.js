import { defineConfig } from 'vite';

// Two entries, each included only by the pages that need it: page by all, the designer by its own page.
export default defineConfig({
  base: './',
  publicDir: false,
  clearScreen: false,
  logLevel: 'warn',
  build: {
    outDir: 'app/web/static/dist',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0, // no data: addresses, so that the page's security policy can stay strict
    chunkSizeWarningLimit: 4000,
    rollupOptions: {
      input: { page: 'frontend/page/index.js', designer: 'frontend/designer/index.js' },
    },
  },
});

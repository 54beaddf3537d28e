import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { primeCss } from './build/prime-css'

const sidecar = process.env.WEBMACS_SIDECAR ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [primeCss(), vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // Bundled ahead by `npm run dev` they would not come by our plugin.
  optimizeDeps: { exclude: ['primevue', '@primevue/core', '@primeuix/styles'] },
  // A strict Content-Security-Policy allows no data: addresses, so nothing is inlined.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: {
      '/auth': sidecar,
      '/app-config.json': sidecar,
      '/export': sidecar,
      '/ws': { target: sidecar, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})

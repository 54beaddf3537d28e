import { createPinia } from 'pinia'
import PrimeVue from 'primevue/config'
import { createApp } from 'vue'
import { useSession } from './accounts/session'
import App from './App.vue'
import { router } from './router'
import './style/tokens.css'
import './style/base.css'

// its style sheets are made when the page is built: build/prime-css.ts
const app = createApp(App).use(createPinia()).use(PrimeVue, { theme: 'none', ripple: false })
useSession().resume()
app.use(router).mount('#app')

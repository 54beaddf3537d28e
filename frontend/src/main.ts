import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { useSession } from './accounts/session'
import App from './App.vue'
import { router } from './router'
import './style/tokens.css'
import './style/base.css'

const app = createApp(App).use(createPinia())
useSession().resume()
app.use(router).mount('#app')

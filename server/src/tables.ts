/** Every slice's tables, so that whoever has the app has the types of its whole database. */
import './accounts/tables.ts'
import './core/tables.ts'
import './departments/tables.ts'
import './mail/tables.ts'
import './notifications/tables.ts'
import './sla/tables.ts'
import './sync/tables.ts'
import './tickets/tables.ts'

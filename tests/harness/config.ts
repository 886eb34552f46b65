/** The configuration of a server for tests: the defaults, silent, on a free port. */
import { readConfig, type Config } from '@rejoin/server/operations/config/config.ts'

export function testConfig(dataDir: string, settings: Partial<Config> = {}): Config {
  return { ...readConfig({ REJOIN_DATA_DIR: dataDir, REJOIN_PORT: '0', REJOIN_LOG_LEVEL: 'silent' }), ...settings }
}

import { scenario } from './harness/scenario.ts'
import { until } from '../support/fake-clock.ts'

scenario(
  'ROT-RENAME',
  'renamed out of the globs and made again while it is written: all of it arrives',
  { include: ['app.log'] },
  async (rig) => {
    const app = rig.file('app.log')
    await rig.start()
    for (let round = 0; round < 10; round++) {
      for (let block = 0; block < 5; block++) app.write(50)
      // It was seen: a file that comes and goes between two looks is nobody's.
      await until(() => rig.storedCount('es') > round * 250, 'the file is seen')
      app.renameTo(rig.path(`app.log.${round}`))
    }
    await rig.arrived()
  },
)

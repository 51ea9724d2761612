import { Kernel } from './kernel.ts'

let kernel: Kernel | undefined

/** The kernel of this thread, made when somebody first asks. For all whose calls end before the next one begins. */
export function threadKernel(): Kernel {
  kernel ??= new Kernel()
  return kernel
}

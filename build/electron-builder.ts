/** What the installers of Windows, macOS and Linux are made of. Checked against electron-builder's own schema by a test. */
import type { Configuration } from 'electron-builder';

/** Fixed for ever: Windows finds the installed version by it, macOS keys the keychain entries by it. */
export const APP_ID = 'example.drover.desk';
/** Links the MSI of every version; another code would install a second copy beside the first. */
const MSI_UPGRADE_CODE = '7E0B6A0C-5B0F-4E1D-9C57-3A1F2D8E4B60';

/** `updatesUrl` is the folder of a web server where releases are laid down; the signed feed is public. */
export function builderConfig(updatesUrl = process.env['DROVER_UPDATES'] ?? 'https://updates.drover.example/desktop'): Configuration {
  return {
    appId: APP_ID,
    productName: 'Drover',
    copyright: 'Drover',
    directories: { output: 'dist/packages', buildResources: 'build/icons' },
    // Everything is bundled; what npm installed (a Node for the server, for one) is no part of the desk.
    files: ['dist/electron/**/*', 'dist/renderer/**/*', 'package.json', '!**/*.map', '!**/node_modules/**'],
    asar: true,
    npmRebuild: false,
    removePackageScripts: true,
    electronLanguages: ['en-US'],
    electronFuses: {
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
      grantFileProtocolExtraPrivileges: false,
    },
    publish: [{ provider: 'generic', url: updatesUrl }],
    artifactName: '${productName}-${version}-${os}-${arch}.${ext}',
    win: {
      target: [
        { target: 'nsis', arch: ['x64'] },
        { target: 'msi', arch: ['x64'] },
      ],
      icon: 'build/icons/icon.ico',
    },
    // Per user: the only kind that updates itself without an administrator. Uninstalling never deletes a broker's data.
    nsis: {
      oneClick: true,
      perMachine: false,
      deleteAppDataOnUninstall: false,
      runAfterFinish: true,
      artifactName: '${productName}-Setup-${version}.${ext}',
    },
    // For IT departments that roll out themselves.
    msi: { oneClick: true, perMachine: true, runAfterFinish: false, upgradeCode: MSI_UPGRADE_CODE },
    mac: {
      target: [
        { target: 'dmg', arch: ['x64', 'arm64'] },
        { target: 'zip', arch: ['x64', 'arm64'] },
      ],
      category: 'public.app-category.business',
      icon: 'build/icons/icon.icns',
      hardenedRuntime: true,
      gatekeeperAssess: false,
      minimumSystemVersion: '13.0',
    },
    linux: {
      target: [
        { target: 'AppImage', arch: ['x64'] },
        { target: 'deb', arch: ['x64'] },
      ],
      category: 'Office',
      icon: 'build/icons/icon.png',
      executableName: 'drover',
      synopsis: 'The trading desk of a meat brokerage',
      maintainer: 'Drover <desk@drover.example>',
    },
    deb: {
      depends: ['libgtk-3-0', 'libnotify4', 'libnss3', 'libxss1', 'libxtst6', 'xdg-utils', 'libatspi2.0-0', 'libuuid1', 'libsecret-1-0'],
    },
  };
}

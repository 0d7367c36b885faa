@{
    ModuleVersion        = '0.1.0'
    GUID                 = '684700bc-389e-4ce3-9d12-55ec88b659b2'
    Author               = 'SnapBackup'
    Copyright            = '(c) SnapBackup. MIT licence.'
    Description          = 'Block snapshots, archives and scheduled backups of disks that are being written.'

    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.6'

    RootModule           = 'module/SnapBackup.psm1'

    TypesToProcess       = @('module/SnapBackup.types.ps1xml')
    FormatsToProcess     = @('module/SnapBackup.format.ps1xml')

    CmdletsToExport      = @(
        'Add-SnapLog'
        'Compare-Snapshot'
        'Connect-SnapDevice'
        'Disconnect-SnapDevice'
        'Dismount-Snapshot'
        'Get-SnapArchive'
        'Get-SnapBackupJob'
        'Get-SnapBackupRun'
        'Get-SnapDevice'
        'Get-Snapshot'
        'Invoke-SnapBackup'
        'Mount-Snapshot'
        'New-SnapArchive'
        'New-SnapDevice'
        'Register-SnapBackupJob'
        'Remove-SnapDevice'
        'Restore-SnapArchive'
        'Restore-Snapshot'
        'Start-Snapshot'
        'Stop-Snapshot'
        'Test-SnapArchive'
        'Test-SnapDevice'
        'Unregister-SnapBackupJob'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()

    PrivateData          = @{
        PSData = @{
            Tags = @('backup', 'snapshot', 'nbd', 'Linux', 'PSEdition_Core')
        }
    }
}

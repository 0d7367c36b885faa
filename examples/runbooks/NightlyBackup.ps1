#Requires -Version 7.6

<#
.SYNOPSIS
Backs a disk up once: device, snapshot, archive, proof, and everything taken down again.

.DESCRIPTION
What the scheduler does for a registered job, step by step, for those who want to do something of their own in between:
freeze a database, send a message. Whatever happens, what this script has set up is gone when it ends; an archive that was
made stays.

Users of the disk who write during the backup must write through the device's origin (its Uri). An image that nobody
writes to needs no attaching.

.PARAMETER Source
The disk, volume or image file to back up.

.PARAMETER Store
The folder that keeps the archives; it must exist.

.PARAMETER LogFolder
The folder for the log, which takes what is overwritten during the backup. Not on the disk that is backed up.

.PARAMETER LogSize
The size of the log in bytes: how much may be overwritten during the backup.

.PARAMETER Name
What to call the device. The archives carry the name.

.OUTPUTS
The archive, after it was read back and found intact.

.EXAMPLE
./NightlyBackup.ps1 -Source /dev/vg0/db -Store /backup -LogFolder /var/lib/snapbackup -Name db

Backs up a volume.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Source,
    [Parameter(Mandatory)] [string] $Store,
    [Parameter(Mandatory)] [string] $LogFolder,
    [long] $LogSize = 1GB,
    [string] $Name = 'nightly'
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
Import-Module "$PSScriptRoot/../../SnapBackup.psd1"

$log = "$LogFolder/$Name.log"
$device = New-SnapDevice -Source $Source -Log $log -LogSize $LogSize -Name $Name
try {
    # From here on everything is preserved before it is overwritten.
    $snapshot = Start-Snapshot -Device $device.Name
    $archive = $snapshot | New-SnapArchive -Store $Store
    Stop-Snapshot -Device $device.Name

    # An archive that nobody has read is a hope.
    $report = $archive | Test-SnapArchive
    if (-not $report.IsIntact) {
        throw "$($archive.Path): $($report.Damaged.Count) parts are damaged. Look at the medium, and back up again."
    }
    $archive
}
finally {
    Remove-SnapDevice -Name $device.Name
    [System.IO.File]::Delete($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($log))
}

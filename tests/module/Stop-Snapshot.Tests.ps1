BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Stop-Snapshot' {
    BeforeEach {
        $folder = New-TestFolder
        $null = New-SnapDevice (New-TestDisk "$folder/disk.img") "$folder/disk.log" -LogSize 1MB -Name db
        $null = Start-Snapshot db -Name frozen
    }

    AfterEach {
        Clear-TestSession
    }

    It 'ends the snapshot and keeps the device' {
        Stop-Snapshot -Device db | Should -BeNullOrEmpty
        Get-Snapshot | Should -BeNullOrEmpty
        (Get-SnapDevice db).Snapshot | Should -BeNullOrEmpty
    }

    It 'takes <What> from the pipeline' -ForEach @(
        @{ What = 'snapshots'; From = { Get-Snapshot } }
        @{ What = 'devices'; From = { Get-SnapDevice } }
        @{ What = 'names'; From = { 'db' } }
    ) {
        & $From | Stop-Snapshot
        Get-Snapshot | Should -BeNullOrEmpty
    }

    It 'refuses a device that is not there' {
        { Stop-Snapshot gone } | Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.StopSnapshotCommand'
    }

    It 'refuses a device that keeps no snapshot' {
        Stop-Snapshot db
        { Stop-Snapshot db } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand'
    }

    It 'changes nothing with -WhatIf' {
        Stop-Snapshot db -WhatIf
        (Get-Snapshot).Name | Should -Be 'frozen'
    }
}

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

    It 'ends the only snapshot and keeps the device' {
        Stop-Snapshot -Device db | Should -BeNullOrEmpty
        Get-Snapshot | Should -BeNullOrEmpty
        Get-Snapshot -Bookmark | Should -BeNullOrEmpty
        (Get-SnapDevice db).Snapshots | Should -BeNullOrEmpty
    }

    It 'ends the snapshot that is named and keeps the others' {
        $null = Start-Snapshot db -Name second
        Stop-Snapshot -Device db -Name frozen
        (Get-Snapshot).Name | Should -Be 'second'
    }

    It 'ends the snapshot of several devices, or of none when one does not have it' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") "$folder/b.log" -LogSize 1MB -Name b
        { Stop-Snapshot db, b frozen } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand'
        (Get-Snapshot).Name | Should -Be 'frozen'
        $null = Start-Snapshot db, b nightly
        Stop-Snapshot db, b nightly
        (Get-Snapshot).Name | Should -Be 'frozen'
    }

    It 'refuses to choose among several, and names them' {
        $null = Start-Snapshot db -Name second
        $failure = { Stop-Snapshot db } |
            Should -Throw -ErrorId 'ControlError.SnapshotNotNamed,SnapBackup.PowerShell.StopSnapshotCommand' -PassThru
        $failure.Exception.Message | Should -BeLike '*frozen, second*'
        (Get-Snapshot).Name | Should -Be 'frozen', 'second'
    }

    It 'keeps a bookmark when changes are to be kept, and forgets it when it is named' {
        Stop-Snapshot db -KeepChanges
        Get-Snapshot | Should -BeNullOrEmpty
        $bookmark = Get-Snapshot -Bookmark
        $bookmark.Name | Should -Be 'frozen'
        "$($bookmark.State)" | Should -Be 'Bookmark'
        { Stop-Snapshot db frozen -KeepChanges } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand'
        Stop-Snapshot db frozen
        Get-Snapshot -Bookmark | Should -BeNullOrEmpty
    }

    It 'takes <What> from the pipeline' -ForEach @(
        @{ What = 'snapshots'; From = { Get-Snapshot } }
        @{ What = 'devices'; From = { Get-SnapDevice } }
        @{ What = 'names'; From = { 'db' } }
    ) {
        & $From | Stop-Snapshot
        Get-Snapshot | Should -BeNullOrEmpty
    }

    It 'ends all that are piped in, and leaves bookmarks alone unless they are' {
        $null = Start-Snapshot db -Name second
        Stop-Snapshot db frozen -KeepChanges
        $null = Start-Snapshot db -Name third
        Get-Snapshot | Stop-Snapshot
        Get-Snapshot | Should -BeNullOrEmpty
        (Get-Snapshot -Bookmark).Name | Should -Be 'frozen'
        Get-Snapshot -Bookmark | Stop-Snapshot
        Get-Snapshot -Bookmark | Should -BeNullOrEmpty
    }

    It 'refuses a device that is not there' {
        { Stop-Snapshot gone } | Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.StopSnapshotCommand'
    }

    It 'refuses a snapshot that is not there' {
        { Stop-Snapshot db gone } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand'
        (Get-Snapshot).Name | Should -Be 'frozen'
    }

    It 'takes names literally, and says how to end what wildcards select' {
        $failure = { Stop-Snapshot db f* } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand' -PassThru
        "$failure" | Should -BeLike '*no snapshot `''f`*`'' is being kept. There are: frozen.*Get-Snapshot db f`* | Stop-Snapshot'
        (Get-Snapshot).Name | Should -Be 'frozen'
    }

    It 'refuses a device that keeps no snapshot' {
        Stop-Snapshot db
        { Stop-Snapshot db } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand'
    }

    It 'completes the names of the device that is given' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") "$folder/b.log" -LogSize 1MB -Name b | Start-Snapshot -Name frozenb
        Get-TestCompletion 'Stop-Snapshot db f' | Should -Be 'frozen'
        Get-TestCompletion 'Stop-Snapshot -Name f' | Should -Be 'frozenb', 'frozen'
    }

    It 'changes nothing with -WhatIf' {
        Stop-Snapshot db -WhatIf
        Stop-Snapshot db -KeepChanges -WhatIf
        (Get-Snapshot).Name | Should -Be 'frozen'
        Get-Snapshot -Bookmark | Should -BeNullOrEmpty
        Stop-Snapshot db -KeepChanges
        { Stop-Snapshot db frozen -KeepChanges -WhatIf } | Should -Throw -ErrorId 'EngineError.SnapshotNotStarted,SnapBackup.PowerShell.StopSnapshotCommand'
    }
}

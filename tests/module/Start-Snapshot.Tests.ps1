BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Start-Snapshot' {
    BeforeEach {
        $folder = New-TestFolder
        $null = New-SnapDevice (New-TestDisk "$folder/disk.img") "$folder/disk.log" -LogSize 1MB -Name db
    }

    AfterEach {
        Clear-TestSession
    }

    It 'starts a snapshot and serves it' {
        $snapshot = Start-Snapshot -Device db -Name frozen
        $snapshot.Device | Should -Be 'db'
        $snapshot.Name | Should -Be 'frozen'
        "$($snapshot.State)" | Should -Be 'Active'
        $snapshot.Size | Should -Be 2MB
        $snapshot.PreservedBytes | Should -Be 0
        $snapshot.Uri | Should -BeLike 'nbd+unix:///db@frozen`?socket=*'
    }

    It 'names a snapshot after the time in UTC' {
        $before = [System.DateTime]::UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'")
        $name = (Start-Snapshot db).Name
        $after = [System.DateTime]::UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'")
        $name | Should -Match '^\d{8}T\d{6}Z$'
        [string]::CompareOrdinal($before, $name) | Should -BeLessOrEqual 0
        [string]::CompareOrdinal($name, $after) | Should -BeLessOrEqual 0
    }

    It 'takes devices and names from the pipeline' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") "$folder/b.log" -LogSize 1MB -Name b
        (Get-SnapDevice | Start-Snapshot).Device | Should -Be 'b', 'db'
        Get-Snapshot | Stop-Snapshot
        ('db' | Start-Snapshot -Name x).Device | Should -Be 'db'
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'a device that is not there'; Id = 'EngineError.DeviceNotFound'; Device = 'gone'; Name = 'x' }
        @{ Why = 'a name that could not stand in a URI'; Id = 'EngineError.InvalidName'; Device = 'db'; Name = 'a@b' }
    ) {
        { Start-Snapshot $Device $Name } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.StartSnapshotCommand"
        Get-Snapshot | Should -BeNullOrEmpty
    }

    It 'starts several snapshots of a device' {
        $null = Start-Snapshot db -Name first
        $null = Start-Snapshot db -Name second
        (Get-SnapDevice db).Snapshots | Should -Be 'first', 'second'
    }

    It 'refuses a name that a snapshot or bookmark has' {
        $null = Start-Snapshot db -Name first
        { Start-Snapshot db -Name first } |
            Should -Throw -ErrorId 'EngineError.SnapshotAlreadyStarted,SnapBackup.PowerShell.StartSnapshotCommand'
        Stop-Snapshot db first -KeepChanges
        { Start-Snapshot db -Name first } |
            Should -Throw -ErrorId 'EngineError.SnapshotAlreadyStarted,SnapBackup.PowerShell.StartSnapshotCommand'
    }

    It 'changes nothing with -WhatIf' {
        Start-Snapshot db -WhatIf | Should -BeNullOrEmpty
        Get-Snapshot | Should -BeNullOrEmpty
    }
}

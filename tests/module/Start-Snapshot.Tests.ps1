BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/Origin.ps1"
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

    It 'says of a name that a broken snapshot has why it broke and how it comes free' {
        $null = Start-Snapshot db -Name first
        Write-TestOrigin db -Length 2MB
        $failure = { Start-Snapshot db -Name first } |
            Should -Throw -ErrorId 'EngineError.SnapshotAlreadyStarted,SnapBackup.PowerShell.StartSnapshotCommand' -PassThru
        "$failure" | Should -BeLike 'db@first: *is broken*full*Stop-Snapshot*frees the name.'
        Stop-Snapshot db first
        (Start-Snapshot db -Name first -WarningAction SilentlyContinue).Name | Should -Be 'first'
    }

    It 'gives snapshots that start in one second different names' {
        foreach ($number in 1..5) { $null = Start-Snapshot db }
        $names = [System.Collections.Generic.HashSet[string]]::new([string[]](Get-Snapshot).Name)
        $names.Count | Should -Be 5
    }

    It 'changes nothing with -WhatIf' {
        Start-Snapshot db -WhatIf | Should -BeNullOrEmpty
        Get-Snapshot | Should -BeNullOrEmpty
    }

    It 'fails with -WhatIf as it would without: <Id>' -ForEach @(
        @{ Id = 'EngineError.DeviceNotFound'; Device = 'gone'; Name = 'x' }
        @{ Id = 'EngineError.InvalidName'; Device = 'db'; Name = 'a@b' }
        @{ Id = 'EngineError.SnapshotAlreadyStarted'; Device = 'db'; Name = 'first' }
    ) {
        $null = Start-Snapshot db -Name first
        { Start-Snapshot $Device $Name -WhatIf } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.StartSnapshotCommand"
    }

    It 'warns when the logs are filling, and only then' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") "$folder/b.log" -LogSize 4MB -Name b -SlowFrom 0 -LargestDelay 0.001
        $null = Start-Snapshot b first -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        Write-TestOrigin b -Length 1MB
        $null = Start-Snapshot b second -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1
        "$warnings" | Should -BeLike 'b: its logs are filling and *writes are slowed. Add a log, or end snapshots*'
    }
}

Describe 'Start-Snapshot of several devices' {
    BeforeEach {
        $folder = New-TestFolder
        foreach ($name in 'data', 'journal', 'other') {
            $null = New-SnapDevice (New-TestDisk "$folder/$name.img") "$folder/$name.log" -LogSize 1MB -Name $name
        }
    }

    AfterEach {
        Clear-TestSession
    }

    It 'starts the snapshot on all that are named, as one group' {
        $snapshots = Start-Snapshot -Device journal, data -Name nightly
        $snapshots.Device | Should -Be 'journal', 'data'
        $snapshots.Name | Should -Be 'nightly', 'nightly'
        "$($snapshots.State)" | Should -Be 'Active Active'
        $snapshots[0].Group | Should -Not -BeNullOrEmpty
        $snapshots[1].Group | Should -Be $snapshots[0].Group
        (Get-Snapshot journal).Group | Should -Be $snapshots[0].Group
        (Get-SnapDevice other).Snapshots | Should -BeNullOrEmpty
    }

    It 'gives them one name when none is given' {
        $snapshots = Start-Snapshot journal, data
        $snapshots[0].Name | Should -Match '^\d{8}T\d{6}Z$'
        $snapshots[1].Name | Should -Be $snapshots[0].Name
    }

    It 'is no group for a device alone, nor for devices from the pipeline' {
        (Start-Snapshot other alone).Group | Should -BeNullOrEmpty
        $snapshots = Get-SnapDevice journal, data | Start-Snapshot -Name nightly
        $snapshots | Should -HaveCount 2
        foreach ($snapshot in $snapshots) { $snapshot.Group | Should -BeNullOrEmpty }
        foreach ($snapshot in 'journal', 'data' | Start-Snapshot -Name later) { $snapshot.Group | Should -BeNullOrEmpty }
    }

    It 'leaves each snapshot to be ended for itself' {
        $null = Start-Snapshot data, journal -Name nightly
        Stop-Snapshot data
        (Get-Snapshot).Device | Should -Be 'journal'
        "$((Get-Snapshot).State)" | Should -Be 'Active'
    }

    It 'keeps the group when the devices are attached again' {
        $group = (Start-Snapshot data, journal -Name nightly)[0].Group
        foreach ($name in 'data', 'journal') { Remove-SnapDevice $name -KeepSnapshot }
        foreach ($name in 'data', 'journal') { $null = New-SnapDevice "$folder/$name.img" "$folder/$name.log" -Name $name }
        (Get-Snapshot).Group | Should -Be $group, $group
        "$((Get-Snapshot).State)" | Should -Be 'Active Active'
    }

    It 'starts none when <Why>' -ForEach @(
        @{ Why = 'a device is not there'; Id = 'EngineError.DeviceNotFound'; About = 'gone'; Device = 'data', 'gone', 'journal' }
        @{ Why = 'a device is named twice'; Id = 'EngineError.InvalidGroup'; About = 'data'; Device = 'data', 'journal', 'data' }
        @{ Why = 'a device has a snapshot of that name'; Id = 'EngineError.SnapshotAlreadyStarted'; About = 'other'; Device = 'data', 'other' }
    ) {
        $null = Start-Snapshot other nightly
        $failure = { Start-Snapshot $Device nightly } |
            Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.StartSnapshotCommand" -PassThru
        $failure.Exception.Message | Should -BeLike "*$About*"
        $failure.TargetObject | Should -Be $Device
        (Get-Snapshot).Device | Should -Be 'other'
    }

    It 'refuses no device at all' {
        { Start-Snapshot -Device @() -Name x } | Should -Throw -ErrorId 'ParameterArgumentValidationErrorEmptyArrayNotAllowed,SnapBackup.PowerShell.StartSnapshotCommand'
    }

    It 'changes nothing with -WhatIf' {
        Start-Snapshot data, journal -WhatIf | Should -BeNullOrEmpty
        Get-Snapshot | Should -BeNullOrEmpty
    }
}

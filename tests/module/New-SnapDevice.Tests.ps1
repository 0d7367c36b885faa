BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/Origin.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'New-SnapDevice' {
    BeforeEach {
        $folder = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
        $log = "$folder/disk.log"
    }

    AfterEach {
        Clear-TestSession
    }

    It 'sets a device up and makes its log' {
        $device = New-SnapDevice -Source $disk -Log $log -LogSize 1MB -Name db -BlockSize 64KB
        $device.Name | Should -Be 'db'
        $device.Source | Should -Be $disk
        $device.Logs | Should -Be $log
        $device.Size | Should -Be 2MB
        $device.BlockSize | Should -Be 64KB
        $device.ChangeGranularity | Should -Be 64KB
        "$($device.Durability)" | Should -Be 'Strict'
        $device.Snapshots | Should -BeNullOrEmpty
        $device.Bookmarks | Should -BeNullOrEmpty
        $device.OpenCount | Should -Be 0
        [System.IO.FileInfo]::new($log).Length | Should -Be 1MB
    }

    It 'takes settings of the logs' {
        $device = New-SnapDevice $disk $log -LogSize 1MB -ChangeGranularity 4KB -Durability Volatile -Allocation Striped
        $device.ChangeGranularity | Should -Be 4KB
        "$($device.Durability)" | Should -Be 'Volatile'
    }

    It 'finds a device again with its snapshots, bookmarks and settings, whatever it is called now' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db -BlockSize 16KB
        $null = Start-Snapshot db monday
        $null = Start-Snapshot db tuesday
        Stop-Snapshot db monday -KeepChanges
        Remove-SnapDevice db -KeepSnapshot
        $device = New-SnapDevice $disk $log -LogSize 1MB -Name web
        $device.Snapshots | Should -Be 'tuesday'
        $device.Bookmarks | Should -Be 'monday'
        $device.BlockSize | Should -Be 16KB
        "$((Get-Snapshot web tuesday).State)" | Should -Be 'Active'
    }

    It 'says that a snapshot is broken when its disk was written meanwhile' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Remove-SnapDevice db -KeepSnapshot
        Edit-TestFile $disk 0
        $device = New-SnapDevice $disk $log -Name db -WarningVariable warnings -WarningAction SilentlyContinue
        $device.BrokenSnapshots | Should -Be 'monday'
        $device.Warnings | Should -HaveCount 1
        $device.Warnings[0] | Should -BeLike 'db@monday: *written while it was not attached*'
        "$warnings" | Should -Be $device.Warnings[0]
        $snapshot = Get-Snapshot db
        "$($snapshot.State)" | Should -Be 'Broken'
        $snapshot.BreakReason | Should -BeLike '*written while it was not attached*'
    }

    It 'warns of a bookmark whose changes are lost' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Stop-Snapshot db -KeepChanges
        Remove-SnapDevice db -KeepSnapshot
        Edit-TestFile $disk 0
        $null = New-SnapDevice $disk $log -Name db -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -HaveCount 1
        "$warnings" | Should -BeLike "db: what has changed since 'monday' is no longer known*"
    }

    It 'warns of nothing when all that it finds is good' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Remove-SnapDevice db -KeepSnapshot
        (New-SnapDevice $disk $log -Name db -WarningVariable warnings).BrokenSnapshots | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
    }

    It 'names devices by itself' {
        $second = New-TestDisk "$folder/second.img"
        (New-SnapDevice $disk $log -LogSize 1MB).Name | Should -Be 'snap0'
        (New-SnapDevice $second "$folder/second.log" -LogSize 1MB).Name | Should -Be 'snap1'
    }

    It 'takes several logs in their order, and sizes as people write them' {
        $device = New-SnapDevice $disk -Log "$folder/b.log", "$folder/a.log" -LogSize '1MiB'
        $device.Logs | Should -Be "$folder/b.log", "$folder/a.log"
        [System.IO.FileInfo]::new("$folder/a.log").Length | Should -Be 1MB
    }

    It 'serves the device on a socket that only its owner can reach' {
        $device = New-SnapDevice $disk $log -LogSize 1MB -Name db
        $device.Uri | Should -Match '^nbd\+unix:///db\?socket=/'
        $socket = $device.Uri -replace '^.*socket='
        "$([System.IO.File]::GetUnixFileMode($socket))" | Should -Be 'UserWrite, UserRead'
        "$([System.IO.File]::GetUnixFileMode([System.IO.Path]::GetDirectoryName($socket)))" | Should -Be 'UserExecute, UserWrite, UserRead'
    }

    It 'refuses <Why>' -ForEach @(
        @{ Why = 'a source that is not there'; Id = 'BlockDeviceError.NotFound'; Given = { @{ Source = "$folder/none.img" } } }
        @{ Why = 'a folder as source'; Id = 'BlockDeviceError.NotABlockDevice'; Given = { @{ Source = $folder } } }
        @{ Why = 'an empty source'; Id = 'EngineError.EmptySource'; Given = { [System.IO.File]::WriteAllText("$folder/empty", ''); @{ Source = "$folder/empty" } } }
        @{ Why = 'a log that is not there when no size is given'; Id = 'EngineError.LogNotFound'; Given = { @{ LogSize = 'none' } } }
        @{ Why = 'a log without room for its bookkeeping'; Id = 'EngineError.LogTooSmall'; Given = { @{ LogSize = 64KB } } }
        @{ Why = 'the source as its own log'; Id = 'EngineError.LogSharesStorage'; Given = { @{ Log = $disk; LogSize = 'none' } } }
        @{ Why = 'a log twice'; Id = 'EngineError.LogSharesStorage'; Given = { $null = New-TestDisk $log 1MB; @{ Log = $log, "$folder/./disk.log" } } }
        @{ Why = 'a log that holds something else'; Id = 'EngineError.LogHoldsForeignData'; Given = { $null = New-TestDisk $log 1MB; @{ LogSize = 'none' } } }
        @{ Why = 'a log of another size'; Id = 'EngineError.LogSizeMismatch'; Given = { $null = New-TestDisk $log 2MB; @{ LogSize = 1MB } } }
        @{ Why = 'a block size that is no power of two'; Id = 'EngineError.InvalidBlockSize'; Given = { @{ BlockSize = 5000 } } }
        @{ Why = 'a change granularity that is no power of two'; Id = 'EngineError.InvalidChangeGranularity'; Given = { @{ ChangeGranularity = 5000 } } }
        @{ Why = 'a log that is larger than it may grow'; Id = 'EngineError.LogCannotGrow'; Given = { @{ LogGrowTo = 512KB } } }
        @{ Why = 'to hold writes for longer than an hour'; Id = 'EngineError.InvalidOverflowOption'; Given = { @{ OverflowPolicy = 'Hold'; HoldFor = 3601 } } }
        @{ Why = 'to hold writes for less than no time'; Id = 'EngineError.InvalidOverflowOption'; Given = { @{ HoldFor = -1 } } }
        @{ Why = 'to delay writes for longer than a second'; Id = 'EngineError.InvalidOverflowOption'; Given = { @{ LargestDelay = 2 } } }
        @{ Why = 'to slow writes from a fill that cannot be'; Id = 'EngineError.InvalidOverflowOption'; Given = { @{ SlowFrom = 90 } } }
        @{ Why = 'to look back instead of ahead'; Id = 'EngineError.InvalidOverflowOption'; Given = { @{ Horizon = '-0:01:00' } } }
        @{ Why = 'a name that could not stand in a URI'; Id = 'EngineError.InvalidName'; Given = { @{ Name = 'a/b' } } }
    ) {
        $arguments = @{ Source = $disk; Log = $log; LogSize = 1MB }
        $others = & $Given
        foreach ($key in $others.Keys) { $arguments[$key] = $others[$key] }
        if ($arguments.LogSize -eq 'none') { $arguments.Remove('LogSize') }
        $before = @([System.IO.Directory]::GetFiles($folder))
        { New-SnapDevice @arguments } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.NewSnapDeviceCommand"
        Get-SnapDevice | Should -BeNullOrEmpty
        @([System.IO.Directory]::GetFiles($folder)) | Should -HaveCount $before.Count -Because 'a log that was made must be gone again'
    }

    It 'takes durations as seconds, as texts and as what they are' -ForEach @(
        @{ Given = 0.5; Is = '00:00:00.5' }, @{ Given = 90; Is = '00:01:30' }, @{ Given = '90'; Is = '00:01:30' }, @{ Given = '0:01:30'; Is = '00:01:30' }
        @{ Given = '1.00:00:00'; Is = '1.00:00:00' }, @{ Given = [timespan]::FromSeconds(90); Is = '00:01:30' }
    ) {
        $duration = [SnapBackup.PowerShell.DurationTransformationAttribute]::new()
        $duration.Transform($null, $Given) | Should -Be ([timespan]$Is)
    }

    It 'refuses <Given> as a duration, and says how one is written' -ForEach @(
        @{ Given = 'long' }, @{ Given = $true }, @{ Given = '' }, @{ Given = '1:2:3:4:5' }, @{ Given = [double]::NaN }, @{ Given = 1e300 }
    ) {
        $failure = { New-SnapDevice $disk $log -LogSize 1MB -HoldFor $Given } |
            Should -Throw -ErrorId 'ParameterArgumentTransformationError,SnapBackup.PowerShell.NewSnapDeviceCommand' -PassThru
        $failure.Exception.Message | Should -BeLike '*is not a duration. Write a number of seconds*'
        [System.IO.File]::Exists($log) | Should -BeFalse
    }

    It 'lets a log grow instead of ending a snapshot' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -LogGrowTo 16MB -Name db -SlowFrom 1 | Start-Snapshot
        Write-TestOrigin db -Length 2MB
        "$((Get-Snapshot).State)" | Should -Be 'Active'
        [System.IO.FileInfo]::new($log).Length | Should -BeGreaterThan 1MB
        Remove-SnapDevice db -KeepSnapshot
        (New-SnapDevice $disk $log -LogSize 1MB -LogGrowTo 16MB -Name db).Snapshots | Should -HaveCount 1
    }

    It 'ends the oldest snapshot when writes were held for as long as they may be' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db -OverflowPolicy Hold -HoldFor 0.05 -SlowFrom 1 | Start-Snapshot
        Write-TestOrigin db -Length 2MB
        "$((Get-Snapshot).State)" | Should -Be 'Broken'
        (Get-SnapDevice -WarningAction SilentlyContinue).Statistics.GroupsHeld | Should -BeGreaterThan 0
    }

    It 'takes a log that holds something else when that may be lost' {
        $null = New-TestDisk $log 1MB
        (New-SnapDevice $disk $log -DiscardLogContent -Force).Logs | Should -Be $log
    }

    It 'takes a log that keeps a snapshot for another disk only when that may be lost' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Remove-SnapDevice db -KeepSnapshot
        $larger = New-TestDisk "$folder/larger.img" 4MB
        { New-SnapDevice $larger $log } | Should -Throw -ErrorId 'EngineError.SourceMismatch,SnapBackup.PowerShell.NewSnapDeviceCommand'
        (New-SnapDevice $larger $log -DiscardLogContent -Force).Snapshots | Should -BeNullOrEmpty
    }

    It 'discards snapshots when <Given> says that nothing is to be asked' -ForEach @(
        @{ Given = '-Force'; Arguments = @{ Force = $true } }
        @{ Given = '-Confirm:$false'; Arguments = @{ Confirm = $false } }
    ) {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Remove-SnapDevice db -KeepSnapshot
        (New-SnapDevice $disk $log -DiscardLogContent @Arguments).Snapshots | Should -BeNullOrEmpty
    }

    It 'names the log that is not there when the others are those of a device that keeps something' {
        $null = New-SnapDevice $disk -Log $log, "$folder/more.log" -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Remove-SnapDevice db -KeepSnapshot
        $failure = { New-SnapDevice $disk -Log $log, "$folder/mroe.log" -LogSize 1MB -Name db } |
            Should -Throw -ErrorId 'EngineError.LogMissing,SnapBackup.PowerShell.NewSnapDeviceCommand' -PassThru
        "$failure" | Should -BeLike "$folder/mroe.log: this log is not there*$log*-DiscardLogContent*"
        [System.IO.File]::Exists("$folder/mroe.log") | Should -BeFalse
        (New-SnapDevice $disk -Log $log, "$folder/more.log" -LogSize 1MB -Name db).Snapshots | Should -Be 'monday'
    }

    It 'names -DiscardLogContent where that is a remedy' {
        $null = New-SnapDevice $disk -Log $log, "$folder/more.log" -LogSize 1MB -Name db | Start-Snapshot -Name monday
        Remove-SnapDevice db -KeepSnapshot
        $failure = { New-SnapDevice $disk $log } | Should -Throw -ErrorId 'EngineError.LogMissing,SnapBackup.PowerShell.NewSnapDeviceCommand' -PassThru
        "$failure" | Should -BeLike '*-DiscardLogContent*'
        $null = New-TestDisk "$folder/else" 1MB
        $failure = { New-SnapDevice $disk "$folder/else" } | Should -Throw -ErrorId 'EngineError.LogHoldsForeignData,SnapBackup.PowerShell.NewSnapDeviceCommand' -PassThru
        "$failure" | Should -BeLike '*-DiscardLogContent*'
    }

    It 'refuses a name, a source and a log that are in use' {
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db
        $other = New-TestDisk "$folder/other.img"
        { New-SnapDevice $other "$folder/other.log" -LogSize 1MB -Name db } |
            Should -Throw -ErrorId 'EngineError.NameInUse,SnapBackup.PowerShell.NewSnapDeviceCommand'
        { New-SnapDevice $disk "$folder/other.log" -LogSize 1MB } |
            Should -Throw -ErrorId 'EngineError.SourceInUse,SnapBackup.PowerShell.NewSnapDeviceCommand'
        { New-SnapDevice $other $log } | Should -Throw -ErrorId 'BlockDeviceError.Busy,SnapBackup.PowerShell.NewSnapDeviceCommand'
    }

    It 'says in its error which device it is about' {
        $failure = { New-SnapDevice "$folder/none.img" $log -LogSize 1MB -Name db } | Should -Throw -PassThru
        $failure.TargetObject | Should -Be 'db'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'changes nothing with -WhatIf' {
        New-SnapDevice $disk $log -LogSize 1MB -WhatIf | Should -BeNullOrEmpty
        Get-SnapDevice | Should -BeNullOrEmpty
        [System.IO.File]::Exists($log) | Should -BeFalse
    }

    It 'fails with -WhatIf as it would without: <Id>' -ForEach @(
        @{ Id = 'BlockDeviceError.NotFound'; Given = { @{ Source = "$folder/none.img"; Log = $log; LogSize = 1MB } } }
        @{ Id = 'EngineError.LogNotFound'; Given = { @{ Source = $disk; Log = $log } } }
        @{ Id = 'EngineError.LogHoldsForeignData'; Given = { $null = New-TestDisk $log 1MB; @{ Source = $disk; Log = $log } } }
        @{ Id = 'EngineError.NameInUse'; Given = { $null = New-SnapDevice $disk $log -LogSize 1MB -Name db; @{ Source = $disk; Log = $log; Name = 'db' } } }
    ) {
        $arguments = & $Given
        { New-SnapDevice @arguments -WhatIf } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.NewSnapDeviceCommand"
    }
}

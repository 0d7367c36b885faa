BeforeAll {
    . "$PSScriptRoot/Session.ps1"
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
        $device.Snapshot | Should -BeNullOrEmpty
        $device.OpenCount | Should -Be 0
        [System.IO.FileInfo]::new($log).Length | Should -Be 1MB
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

    It 'takes a log that holds something else when that may be lost' {
        $null = New-TestDisk $log 1MB
        (New-SnapDevice $disk $log -DiscardLogContent).Logs | Should -Be $log
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
}

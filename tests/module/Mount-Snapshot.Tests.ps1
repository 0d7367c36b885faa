BeforeDiscovery {
    . "$PSScriptRoot/FileSystem.ps1"
    $cannotMount = -not (Test-CanMount)
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/FileSystem.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Mount-Snapshot' -Skip:$cannotMount {
    BeforeEach {
        $folder = New-TestFolder
        $null = New-SnapDevice (New-TestFileSystem "$folder/disk.img") "$folder/disk.log" -LogSize 32MB -Name db
        $null = [System.IO.Directory]::CreateDirectory("$folder/origin")
        Invoke-TestProgram mount (Connect-SnapDevice db).BlockDevice, "$folder/origin"
        [System.IO.File]::WriteAllText("$folder/origin/file", 'before')
        $null = Start-Snapshot db monday
        [System.IO.File]::WriteAllText("$folder/origin/file", 'after')
    }

    AfterEach {
        Clear-TestSession
        Get-TestMount $folder | Should -BeNullOrEmpty
    }

    It 'mounts a snapshot beside its origin' {
        $mount = Mount-Snapshot db monday "$folder/monday"
        $mount.Device | Should -Be 'db'
        $mount.Snapshot | Should -Be 'monday'
        $mount.FileSystem | Should -Be 'ext4'
        $mount.Path | Should -Be "$folder/monday"
        $mount.IsWritable | Should -BeFalse
        [System.IO.File]::ReadAllText("$folder/monday/file") | Should -Be 'before'
        [System.IO.File]::ReadAllText("$folder/origin/file") | Should -Be 'after'
        (Get-Snapshot db monday).MountPoints | Should -Be "$folder/monday"
        { [System.IO.File]::WriteAllText("$folder/monday/new", 'x') } | Should -Throw '*Read-only*'
    }

    It 'takes the only snapshot and a folder of its own when none is named, also from the pipeline' {
        $mount = Get-Snapshot | Mount-Snapshot
        $mount.Path | Should -BeLike '*/snapbackup/mnt/db@monday'
        [System.IO.File]::ReadAllText("$($mount.Path)/file") | Should -Be 'before'
        $mount | Dismount-Snapshot
        [System.IO.Directory]::Exists($mount.Path) | Should -BeFalse
        (Mount-Snapshot db).Snapshot | Should -Be 'monday'
    }

    It 'takes a path relative to the location' {
        $paths = $ExecutionContext.SessionState.Path
        $paths.PushCurrentLocation('test')
        try {
            $null = $paths.SetLocation($folder)
            (Mount-Snapshot db monday ./here/).Path | Should -Be "$folder/here"
        }
        finally { $null = $paths.PopLocation('test') }
    }

    It 'lets a writable mount be written, which nobody else sees' {
        $null = Mount-Snapshot db monday "$folder/try" -Writable
        [System.IO.File]::WriteAllText("$folder/try/file", 'mine')
        $null = Mount-Snapshot db monday "$folder/monday"
        [System.IO.File]::ReadAllText("$folder/monday/file") | Should -Be 'before'
        [System.IO.File]::ReadAllText("$folder/origin/file") | Should -Be 'after'
    }

    It 'mounts nothing with -WhatIf' {
        Mount-Snapshot db monday "$folder/monday" -WhatIf | Should -BeNullOrEmpty
        [System.IO.Directory]::Exists("$folder/monday") | Should -BeFalse
    }

    It 'refuses <Why>, also with -WhatIf' -ForEach @(
        @{ Why = 'a device that is not there'; Id = 'EngineError.DeviceNotFound'; Arguments = @{ Device = 'gone' } }
        @{ Why = 'a snapshot that is not there'; Id = 'EngineError.SnapshotNotStarted'; Arguments = @{ Device = 'db'; Snapshot = 'gone' } }
        @{ Why = 'a path where something is mounted'; Id = 'KernelError.MountPointInUse'; Arguments = @{ Device = 'db'; Path = '/proc' } }
    ) {
        { Mount-Snapshot @Arguments } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.MountSnapshotCommand"
        { Mount-Snapshot @Arguments -WhatIf } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.MountSnapshotCommand"
    }

    It 'refuses a partition that is not there' {
        { Mount-Snapshot db monday "$folder/monday" -Partition 2 } |
            Should -Throw -ErrorId 'KernelError.PartitionNotFound,SnapBackup.PowerShell.MountSnapshotCommand'
    }

    It 'is undone when the snapshot ends' {
        $null = Mount-Snapshot db monday "$folder/monday"
        Stop-Snapshot db monday
        Get-TestMount "$folder/monday" | Should -BeNullOrEmpty
    }

    It 'is undone when the module is removed' {
        $null = Mount-Snapshot db monday "$folder/monday"
        Remove-Module SnapBackup
        Get-TestMount $folder | Should -BeNullOrEmpty
        Import-Module "$PSScriptRoot/../../SnapBackup.psd1"
    }
}

Describe 'Dismount-Snapshot' -Skip:$cannotMount {
    BeforeEach {
        $folder = New-TestFolder
        $null = New-SnapDevice (New-TestFileSystem "$folder/disk.img") "$folder/disk.log" -LogSize 32MB -Name db
        foreach ($name in 'monday', 'tuesday') {
            $null = Start-Snapshot db $name
            $null = Mount-Snapshot db $name "$folder/$name"
        }
    }

    AfterEach {
        Clear-TestSession
        Get-TestMount $folder | Should -BeNullOrEmpty
    }

    It 'unmounts <What> and nothing else' -ForEach @(
        @{ What = 'a snapshot'; Do = { Dismount-Snapshot db monday } }
        @{ What = 'what is mounted at a path'; Do = { Dismount-Snapshot -Path "$folder/monday" } }
        @{ What = 'a mount that is piped into it'; Do = { [pscustomobject]@{ Device = 'db'; Snapshot = 'tuesday'; Path = "$folder/monday" } | Dismount-Snapshot } }
        @{ What = 'a snapshot that is piped into it'; Do = { Get-Snapshot db monday | Dismount-Snapshot } }
    ) {
        & $Do
        Get-TestMount $folder | Should -Be "$folder/tuesday"
    }

    It 'unmounts all of a device' {
        Dismount-Snapshot db
        Get-TestMount $folder | Should -BeNullOrEmpty
        (Get-Snapshot).Name | Should -Be 'monday', 'tuesday'
    }

    It 'changes nothing with -WhatIf' {
        Dismount-Snapshot db -WhatIf
        Get-TestMount $folder | Should -HaveCount 2
    }

    It 'says when there is nothing to unmount' {
        Dismount-Snapshot db
        { Dismount-Snapshot db } | Should -Throw -ErrorId 'KernelError.NotMounted,SnapBackup.PowerShell.DismountSnapshotCommand'
        { Dismount-Snapshot -Path $folder } | Should -Throw -ErrorId 'KernelError.NotMounted,SnapBackup.PowerShell.DismountSnapshotCommand'
    }
}

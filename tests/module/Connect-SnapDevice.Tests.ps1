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

Describe 'Connect-SnapDevice and Disconnect-SnapDevice' -Skip:$cannotMount {
    BeforeEach {
        $folder = New-TestFolder
        $null = New-SnapDevice (New-TestFileSystem "$folder/disk.img") "$folder/disk.log" -LogSize 32MB -Name db
        $null = [System.IO.Directory]::CreateDirectory("$folder/origin")
    }

    AfterEach {
        Clear-TestSession
        Get-TestMount $folder | Should -BeNullOrEmpty
    }

    It 'makes a block device of the origin, and takes it away' {
        $device = Connect-SnapDevice db
        $device.BlockDevice | Should -Match '^/dev/(loop|nbd)\d+$'
        (Get-SnapDevice db).BlockDevice | Should -Be $device.BlockDevice
        Get-SnapDevice | Disconnect-SnapDevice
        (Get-SnapDevice db).BlockDevice | Should -BeNullOrEmpty
    }

    It 'changes nothing with -WhatIf' {
        Connect-SnapDevice db -WhatIf | Should -BeNullOrEmpty
        (Get-SnapDevice db).BlockDevice | Should -BeNullOrEmpty
        $null = Connect-SnapDevice db
        Disconnect-SnapDevice db -WhatIf
        (Get-SnapDevice db).BlockDevice | Should -Not -BeNullOrEmpty
    }

    It 'refuses a device that is not there, and what is attached or not already' {
        { Connect-SnapDevice gone } | Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.ConnectSnapDeviceCommand'
        { Disconnect-SnapDevice db } | Should -Throw -ErrorId 'KernelError.NotAttached,SnapBackup.PowerShell.DisconnectSnapDeviceCommand'
        $null = Connect-SnapDevice db
        { Connect-SnapDevice db } | Should -Throw -ErrorId 'KernelError.AlreadyAttached,SnapBackup.PowerShell.ConnectSnapDeviceCommand'
    }

    It 'lets neither the block device nor the device go from under a mounted file system, unless it must' {
        Invoke-TestProgram mount (Connect-SnapDevice db).BlockDevice, "$folder/origin"
        $failure = { Disconnect-SnapDevice db } |
            Should -Throw -ErrorId 'KernelError.StillMounted,SnapBackup.PowerShell.DisconnectSnapDeviceCommand' -PassThru
        "$failure" | Should -BeLike "*$folder/origin*"
        $failure = { Remove-SnapDevice db } |
            Should -Throw -ErrorId 'KernelError.StillAttached,SnapBackup.PowerShell.RemoveSnapDeviceCommand' -PassThru
        "$failure" | Should -BeLike '*Disconnect-SnapDevice detaches it.'
        Disconnect-SnapDevice db -Force
        Get-TestMount $folder | Should -BeNullOrEmpty
        (Get-SnapDevice db).BlockDevice | Should -BeNullOrEmpty
    }

    It 'makes Start-Snapshot freeze what is mounted, as long as it is told to' {
        Invoke-TestProgram mount (Connect-SnapDevice db).BlockDevice, "$folder/origin"
        (Start-Snapshot db frozen -FreezeTimeout 20).Name | Should -Be 'frozen'
        [System.IO.File]::WriteAllText("$folder/origin/file", 'thawed')

        # Frozen by somebody else, it cannot be frozen by us.
        Invoke-TestProgram fsfreeze '--freeze', "$folder/origin"
        try {
            $failure = { Start-Snapshot db again } | Should -Throw -ErrorId 'KernelError.FreezeFailed,SnapBackup.PowerShell.StartSnapshotCommand' -PassThru
            "$failure" | Should -BeLike '*-NoFreeze starts without freezing.'
            (Start-Snapshot db again -NoFreeze).Name | Should -Be 'again'
        }
        finally { Invoke-TestProgram fsfreeze '--unfreeze', "$folder/origin" }
    }

    It 'refuses to freeze for <_> seconds' -ForEach 0, 7200 {
        { Start-Snapshot db -FreezeTimeout $_ } | Should -Throw -ErrorId 'KernelError.InvalidFreezeLimit,SnapBackup.PowerShell.StartSnapshotCommand'
        Get-Snapshot | Should -BeNullOrEmpty
    }

    It 'refuses to freeze what holds a log' {
        Invoke-TestProgram mount (Connect-SnapDevice db).BlockDevice, "$folder/origin"
        $null = New-SnapDevice (New-TestDisk "$folder/other.img") "$folder/origin/other.log" -LogSize 1MB -Name other
        $failure = { Start-Snapshot db } | Should -Throw -ErrorId 'KernelError.FreezeRefused,SnapBackup.PowerShell.StartSnapshotCommand' -PassThru
        "$failure" | Should -BeLike "*other.log lies on it*-NoFreeze*"
        Remove-SnapDevice other
    }
}

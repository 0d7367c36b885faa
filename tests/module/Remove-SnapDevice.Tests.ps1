BeforeAll {
    . "$PSScriptRoot/Session.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Remove-SnapDevice' {
    BeforeEach {
        $folder = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
        $null = New-SnapDevice $disk "$folder/disk.log" -LogSize 1MB -Name db
    }

    AfterEach {
        Clear-TestSession
    }

    It 'tears the device down and lets go of source and log, which stay' {
        $digest = Get-TestDigest $disk
        Remove-SnapDevice -Name db | Should -BeNullOrEmpty
        Get-SnapDevice | Should -BeNullOrEmpty
        Get-TestDigest $disk | Should -Be $digest
        [System.IO.File]::Exists("$folder/disk.log") | Should -BeTrue
        (New-SnapDevice $disk "$folder/disk.log" -Name again).Name | Should -Be 'again'
    }

    It 'ends snapshots and forgets bookmarks without asking with <_>' -ForEach 'Force', 'Confirm' {
        $null = Start-Snapshot db monday
        $null = Start-Snapshot db tuesday
        Stop-Snapshot db monday -KeepChanges
        $silently = @{ $_ = $_ -eq 'Force' }
        Remove-SnapDevice db @silently
        $device = New-SnapDevice $disk "$folder/disk.log" -Name db
        $device.Snapshots | Should -BeNullOrEmpty
        $device.Bookmarks | Should -BeNullOrEmpty
    }

    It 'keeps snapshots and bookmarks on the log when it is told to' {
        $null = Start-Snapshot db monday
        $null = Start-Snapshot db tuesday
        Stop-Snapshot db monday -KeepChanges
        Remove-SnapDevice db -KeepSnapshot | Should -BeNullOrEmpty
        Get-SnapDevice | Should -BeNullOrEmpty
        $device = New-SnapDevice $disk "$folder/disk.log" -Name db
        $device.Snapshots | Should -Be 'tuesday'
        $device.Bookmarks | Should -Be 'monday'
    }

    It 'takes devices and names from the pipeline' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") "$folder/b.log" -LogSize 1MB -Name b
        $null = New-SnapDevice (New-TestDisk "$folder/c.img") "$folder/c.log" -LogSize 1MB -Name c
        Get-SnapDevice db | Remove-SnapDevice
        (Get-SnapDevice).Name | Should -Be 'b', 'c'
        'b', 'c' | Remove-SnapDevice
        Get-SnapDevice | Should -BeNullOrEmpty
    }

    It 'refuses a name that no device has' {
        { Remove-SnapDevice gone } | Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.RemoveSnapDeviceCommand'
    }

    It 'changes nothing with -WhatIf, and asks nothing' {
        $null = Start-Snapshot db
        Remove-SnapDevice db -WhatIf
        Remove-SnapDevice db -KeepSnapshot -WhatIf
        (Get-SnapDevice).Name | Should -Be 'db'
    }
}

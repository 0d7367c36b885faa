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

    It 'ends the snapshot that is kept' {
        $null = Start-Snapshot db
        Remove-SnapDevice db
        Get-Snapshot | Should -BeNullOrEmpty
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

    It 'changes nothing with -WhatIf' {
        Remove-SnapDevice db -WhatIf
        (Get-SnapDevice).Name | Should -Be 'db'
    }
}

BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    $folder = New-TestFolder
    foreach ($name in 'db', 'vm1', 'vm2') {
        $null = New-SnapDevice (New-TestDisk "$folder/$name.img") "$folder/$name.log" -LogSize 1MB -Name $name
    }
    $null = Start-Snapshot db -Name daily
    $null = Start-Snapshot vm1 -Name hourly
    $null = Start-Snapshot vm2 -Name ended
    Stop-Snapshot vm2 -KeepChanges
}

AfterAll {
    Clear-TestSession
    Stop-TestSession
}

Describe 'Get-Snapshot' {
    It 'gets all snapshots' {
        (Get-Snapshot).Name | Should -Be 'daily', 'hourly'
    }

    It 'gets several of a device in the order in which they started' {
        $null = Start-Snapshot db -Name another
        (Get-Snapshot db).Name | Should -Be 'daily', 'another'
        Stop-Snapshot db another
    }

    It 'gets bookmarks when they are asked for' {
        $bookmark = Get-Snapshot -Bookmark
        $bookmark.Device | Should -Be 'vm2'
        $bookmark.Name | Should -Be 'ended'
        "$($bookmark.State)" | Should -Be 'Bookmark'
        $bookmark.Uri | Should -BeNullOrEmpty
        Get-Snapshot db -Bookmark | Should -BeNullOrEmpty
    }

    It 'gets <Selected> of device <Device> by name <Name>' -ForEach @(
        @{ Device = 'db'; Name = '*'; Selected = 'daily' }
        @{ Device = 'vm*'; Name = '*'; Selected = 'hourly' }
        @{ Device = '*'; Name = 'd*'; Selected = 'daily' }
        @{ Device = '*'; Name = 'hourly'; Selected = 'hourly' }
        @{ Device = 'db'; Name = 'hourly'; Selected = @() }
        @{ Device = 'vm2'; Name = '*'; Selected = @() }
    ) {
        @(Get-Snapshot $Device $Name).Name | Should -Be $Selected
    }

    It 'takes devices from the pipeline' {
        (Get-SnapDevice | Get-Snapshot).Device | Should -Be 'db', 'vm1'
    }

    It 'refuses a device that is not there' {
        { Get-Snapshot gone } | Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.GetSnapshotCommand'
    }
}

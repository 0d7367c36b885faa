BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/Origin.ps1"
    $folder = New-TestFolder
    foreach ($name in 'db', 'vm1', 'vm2') {
        $null = New-SnapDevice (New-TestDisk "$folder/$name.img") "$folder/$name.log" -LogSize 1MB -Name $name
    }
}

AfterAll {
    Clear-TestSession
    Stop-TestSession
}

Describe 'Get-SnapDevice' {
    It 'gets all devices by name' {
        (Get-SnapDevice).Name | Should -Be 'db', 'vm1', 'vm2'
    }

    It 'gets <Selected> by <By>' -ForEach @(
        @{ By = 'name'; Names = 'vm1'; Selected = @('vm1') }
        @{ By = 'names'; Names = 'vm2', 'db'; Selected = 'vm2', 'db' }
        @{ By = 'wildcard'; Names = 'VM*'; Selected = 'vm1', 'vm2' }
        @{ By = 'a wildcard that selects none'; Names = 'x*'; Selected = @() }
    ) {
        @(Get-SnapDevice $Names).Name | Should -Be $Selected
    }

    It 'takes names and devices from the pipeline' {
        ('vm1', 'vm2' | Get-SnapDevice).Name | Should -Be 'vm1', 'vm2'
        (Get-SnapDevice db | Get-SnapDevice).Name | Should -Be 'db'
    }

    It 'shows the snapshots that are kept and what the device has done' {
        $null = Start-Snapshot db -Name frozen
        $device = Get-SnapDevice db
        $device.Snapshots | Should -Be 'frozen'
        $device.Statistics.LogCapacity | Should -BeGreaterThan 0
        $device.Statistics.OriginBytesWritten | Should -Be 0
    }

    It 'reports a name that no device has, and goes on' {
        $found = Get-SnapDevice gone, db -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.Name | Should -Be 'db'
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'EngineError.DeviceNotFound,SnapBackup.PowerShell.GetSnapDeviceCommand'
        $failures[0].TargetObject | Should -Be 'gone'
    }

    It 'completes names' {
        Get-TestCompletion 'Get-SnapDevice vm' | Should -Be 'vm1', 'vm2'
        Get-TestCompletion 'Remove-SnapDevice -Name d' | Should -Be 'db'
        Get-TestCompletion 'Start-Snapshot -Device V' | Should -Be 'vm1', 'vm2'
    }
}

Describe 'Get-SnapDevice, while logs fill' {
    AfterEach {
        Get-Snapshot | Stop-Snapshot
    }

    It 'takes a short burst for no alarm' {
        $name = 'filling'
        $null = New-SnapDevice (New-TestDisk "$folder/$name.img") "$folder/$name.log" -LogSize 4MB -Name $name -Horizon 3000.00:00:00 -SlowFrom 1
        $null = Start-Snapshot $name
        $device = Get-SnapDevice $name -WarningVariable warnings
        "$($device.LogFillStage)" | Should -Be 'None'
        $device.LogFullAt | Should -BeNullOrEmpty
        $device.Warnings | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty

        Write-TestOrigin $name -Length 1MB
        $device = Get-SnapDevice $name -WarningVariable warnings -WarningAction SilentlyContinue
        "$($device.LogFillStage)" | Should -Be 'None'
        $device.LogFullAt | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
    }

    It 'tells that writes are slowed' {
        $name = 'slowed'
        $null = New-SnapDevice (New-TestDisk "$folder/$name.img") "$folder/$name.log" -LogSize 4MB -Name $name -SlowFrom 0 -LargestDelay 0:00:00.001
        $null = Start-Snapshot $name
        Write-TestOrigin $name -Length 1MB
        $device = Get-SnapDevice $name -WarningVariable warnings -WarningAction SilentlyContinue
        "$($device.LogFillStage)" | Should -Be 'Slowed'
        "$warnings" | Should -BeLike 'slowed: *writes are slowed*'
        "$warnings" | Should -Be "$($device.Warnings)"
    }

    It 'tells what was given up, and the snapshot why' {
        $name = 'overflowed'
        $null = New-SnapDevice (New-TestDisk "$folder/$name.img") "$folder/$name.log" -LogSize 1MB -Name $name -SlowFrom 1
        $null = Start-Snapshot $name
        Write-TestOrigin $name -Length 2MB
        $device = Get-SnapDevice $name -WarningVariable warnings -WarningAction SilentlyContinue
        "$($device.LogFillStage)" | Should -Be 'Overflowed'
        $warnings | Should -HaveCount 2
        "$($warnings[0])" | Should -BeLike 'overflowed@*: the snapshot could not be kept*'
        "$($warnings[1])" | Should -BeLike 'overflowed: its logs were full*End the snapshots that are broken*'
        "$((Get-Snapshot $name).State)" | Should -Be 'Broken'
    }
}

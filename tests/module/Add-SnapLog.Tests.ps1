BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/Origin.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Add-SnapLog' {
    BeforeEach {
        $folder = New-TestFolder
        $disk = New-TestDisk "$folder/disk.img"
        $log = "$folder/disk.log"
        $more = "$folder/more.log"
        $null = New-SnapDevice $disk $log -LogSize 1MB -Name db -LargestDelay 0
    }

    AfterEach {
        Clear-TestSession
    }

    It 'makes a log and gives the device its room' {
        $before = (Get-SnapDevice db).Statistics.LogCapacity
        $device = Add-SnapLog -Device db -Log $more -LogSize 2MB
        $device.Name | Should -Be 'db'
        $device.Logs | Should -Be $log, $more
        $device.Statistics.LogCapacity | Should -BeGreaterThan ($before + 1MB)
        [System.IO.FileInfo]::new($more).Length | Should -Be 2MB
    }

    It 'keeps a snapshot that the logs had no room for' {
        $null = Start-Snapshot db monday
        $null = Add-SnapLog db $more -LogSize 2MB
        Write-TestOrigin db -Length 2MB
        "$((Get-Snapshot db).State)" | Should -Be 'Active'
        (Test-SnapDevice db).IsClean | Should -BeTrue
    }

    It 'lets writes go on that wait for room' {
        Remove-SnapDevice db
        $device = New-SnapDevice $disk $log -Name db -OverflowPolicy Hold -HoldFor 0:30:00 -LargestDelay 0
        $null = Start-Snapshot db monday
        $client = Connect-TestOrigin $device
        try {
            Send-TestWrite $client -Length 2MB
            do { $device = Get-SnapDevice db -WarningAction SilentlyContinue } until ("$($device.LogFillStage)" -eq 'Held')
            $null = Add-SnapLog db $more -LogSize 2MB
            Receive-TestReply $client | Should -Be 0
        }
        finally { Disconnect-TestOrigin $client db }
        "$((Get-Snapshot db).State)" | Should -Be 'Active'
        (Get-SnapDevice db).Statistics.GroupsHeld | Should -BeGreaterThan 0
    }

    It 'makes a log that grows' {
        $null = Add-SnapLog db $more -LogSize 1MB -LogGrowTo 8MB
        $null = Start-Snapshot db monday
        Write-TestOrigin db -Length 2MB
        "$((Get-Snapshot db).State)" | Should -Be 'Active'
        [System.IO.FileInfo]::new($more).Length | Should -BeGreaterThan 1MB
    }

    It 'makes the log one that the device needs when it is attached again' {
        $null = Add-SnapLog db $more -LogSize 1MB
        $null = Start-Snapshot db monday
        Remove-SnapDevice db -KeepSnapshot
        { New-SnapDevice $disk $log -Name db } | Should -Throw -ErrorId 'EngineError.LogMissing,SnapBackup.PowerShell.NewSnapDeviceCommand'
        (New-SnapDevice $disk $more, $log -Name db).Snapshots | Should -Be 'monday'
    }

    It 'takes devices from the pipeline, each with a log of its own' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") "$folder/b.log" -LogSize 1MB -Name b
        $devices = Get-SnapDevice | Add-SnapLog -Log { "$folder/$($_.Name)-more.log" } -LogSize 1MB
        $devices.Name | Should -Be 'b', 'db'
        $devices[0].Logs | Should -Be "$folder/b.log", "$folder/b-more.log"
    }

    It 'refuses <Why>, and the device goes on as it was' -ForEach @(
        @{ Why = 'a device that is not there'; Id = 'EngineError.DeviceNotFound'; Given = { @{ Device = 'gone' } } }
        @{ Why = 'a log that is not there when no size is given'; Id = 'EngineError.LogNotFound'; Given = { @{ LogSize = 'none' } } }
        @{ Why = 'a log without room for its bookkeeping'; Id = 'EngineError.LogTooSmall'; Given = { @{ LogSize = 64KB } } }
        @{ Why = 'a log that the device has'; Id = 'EngineError.LogSharesStorage'; Given = { @{ Log = "$folder/./disk.log"; LogSize = 'none' } } }
        @{ Why = 'the source'; Id = 'EngineError.LogSharesStorage'; Given = { @{ Log = $disk; LogSize = 'none' } } }
        @{ Why = 'a log that holds something else'; Id = 'EngineError.LogHoldsForeignData'; Given = { $null = New-TestDisk $more 1MB; @{ LogSize = 'none' } } }
        @{ Why = 'a log of another size'; Id = 'EngineError.LogSizeMismatch'; Given = { $null = New-TestDisk $more 2MB; @{} } }
        @{ Why = 'a log that is larger than it may grow'; Id = 'EngineError.LogCannotGrow'; Given = { @{ LogGrowTo = 512KB } } }
        @{ Why = 'a folder that is not there'; Id = 'BlockDeviceError.NotFound'; Given = { @{ Log = "$folder/none/more.log" } } }
    ) {
        $arguments = @{ Device = 'db'; Log = $more; LogSize = 1MB }
        $others = & $Given
        foreach ($key in $others.Keys) { $arguments[$key] = $others[$key] }
        if ($arguments.LogSize -eq 'none') { $arguments.Remove('LogSize') }
        $before = @([System.IO.Directory]::GetFiles($folder))
        $failure = { Add-SnapLog @arguments } | Should -Throw -ErrorId "$Id,SnapBackup.PowerShell.AddSnapLogCommand" -PassThru
        $failure.TargetObject | Should -Be $arguments.Device
        @([System.IO.Directory]::GetFiles($folder)) | Should -HaveCount $before.Count -Because 'a log that was made must be gone again'
        (Get-SnapDevice db).Logs | Should -Be $log
        $null = Start-Snapshot db monday
        Write-TestOrigin db -Length 256KB
        "$((Get-Snapshot db).State)" | Should -Be 'Active'
    }

    It 'takes a log that holds something else when that may be lost' {
        $null = New-TestDisk $more 1MB
        Add-SnapLog db $more -DiscardLogContent -WhatIf | Should -BeNullOrEmpty
        (Add-SnapLog db $more -DiscardLogContent -Force).Logs | Should -Be $log, $more
    }

    It 'says of storage that the device uses what it is used as' {
        (({ Add-SnapLog db $disk } | Should -Throw -PassThru).Exception.Message) | Should -BeLike "$($disk): it is the source of db. *"
        (({ Add-SnapLog db $log } | Should -Throw -PassThru).Exception.Message) | Should -BeLike "$($log): db has this log already. *"
        (({ Add-SnapLog db "$folder/./disk.log" } | Should -Throw -PassThru).Exception.Message) | Should -BeLike '*/disk.log: db has this log already*'
    }

    It 'takes a log that keeps snapshots of another device by force only' {
        $null = New-SnapDevice (New-TestDisk "$folder/b.img") $more -LogSize 1MB -Name b | Start-Snapshot -Name monday
        Remove-SnapDevice b -KeepSnapshot
        $failure = { Add-SnapLog db $more } | Should -Throw -ErrorId 'EngineError.LogHoldsSnapshots,SnapBackup.PowerShell.AddSnapLogCommand' -PassThru
        "$failure" | Should -BeLike '*monday*-DiscardLogContent*'
        Add-SnapLog db $more -DiscardLogContent -WhatIf | Should -BeNullOrEmpty
        (Add-SnapLog db $more -DiscardLogContent -Force).Logs | Should -Be $log, $more
    }

    It 'refuses what is no size' {
        { Add-SnapLog db $more -LogSize '1 MB' } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,SnapBackup.PowerShell.AddSnapLogCommand'
    }

    It 'changes nothing with -WhatIf' {
        Add-SnapLog db $more -LogSize 1MB -WhatIf | Should -BeNullOrEmpty
        (Get-SnapDevice db).Logs | Should -Be $log
        [System.IO.File]::Exists($more) | Should -BeFalse
    }

    It 'completes the names of devices' {
        Get-TestCompletion 'Add-SnapLog d' | Should -Be 'db'
    }
}

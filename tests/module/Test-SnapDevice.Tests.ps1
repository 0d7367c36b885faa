BeforeAll {
    . "$PSScriptRoot/Session.ps1"
    . "$PSScriptRoot/Origin.ps1"
}

AfterAll {
    Stop-TestSession
}

Describe 'Test-SnapDevice' {
    BeforeEach {
        $folder = New-TestFolder
        $log = "$folder/disk.log"
        $null = New-SnapDevice (New-TestDisk "$folder/disk.img") $log -LogSize 4MB -Name db
        $null = Start-Snapshot db monday
        Write-TestOrigin db -Length 256KB
        # In the first segment, where the data of preserved blocks is.
        $data = 72KB + 32KB
    }

    AfterEach {
        Clear-TestSession
    }

    It 'reads everything and finds nothing' {
        $report = Test-SnapDevice -Name db
        $report.Device | Should -Be 'db'
        $report.IsClean | Should -BeTrue
        $report.FindingCount | Should -Be 0
        $report.Findings | Should -BeNullOrEmpty
        $report.HarmedSnapshots | Should -BeNullOrEmpty
        $report.BytesRead | Should -BeGreaterThan 256KB
        $report.Records | Should -BeGreaterOrEqual 64
    }

    It 'finds a flipped bit, says where it is and which snapshot it harms, and breaks nothing' {
        Edit-TestFile $log $data
        $report = Test-SnapDevice db
        $report.IsClean | Should -BeFalse
        $report.FindingCount | Should -Be 1
        $report.HarmedSnapshots | Should -Be 'monday'
        $finding = $report.Findings[0]
        "$($finding.Kind)" | Should -Be 'PreservedBlock'
        "$($finding.Severity)" | Should -Be 'Error'
        $finding.Log | Should -Be $log
        $finding.Snapshots | Should -Be 'monday'
        $finding.Message | Should -BeLike "*$log*"
        "$((Get-Snapshot db).State)" | Should -Be 'Active'
        Edit-TestFile $log $data
        (Test-SnapDevice db).IsClean | Should -BeTrue
    }

    It 'finds that a copy of the bookkeeping is gone, which harms no snapshot' {
        Edit-TestFile $log 20
        $report = Test-SnapDevice db
        $report.IsClean | Should -BeFalse
        $report.HarmedSnapshots | Should -BeNullOrEmpty
        "$($report.Findings[0].Kind)" | Should -Be 'Superblock'
        "$($report.Findings[0].Severity)" | Should -Be 'Warning'
    }

    It 'answers only whether something was found with -Quiet' {
        Test-SnapDevice db -Quiet | Should -BeTrue
        Test-SnapDevice db -Quiet | Should -BeOfType bool
        Edit-TestFile $log $data
        Test-SnapDevice db -Quiet | Should -BeFalse
    }

    It 'takes devices and names from the pipeline' {
        (Get-SnapDevice | Test-SnapDevice).Device | Should -Be 'db'
        ('db' | Test-SnapDevice).IsClean | Should -BeTrue
    }

    It 'can be run while the disk is used' {
        $client = Connect-TestOrigin (Get-SnapDevice db)
        try {
            foreach ($number in 1..32) { Send-TestWrite $client -Offset ($number * 48KB) -Length 40KB }
            (Test-SnapDevice db).IsClean | Should -BeTrue
            foreach ($number in 1..32) { Receive-TestReply $client | Should -Be 0 }
            (Test-SnapDevice db).IsClean | Should -BeTrue
        }
        finally { Disconnect-TestOrigin $client db }
    }

    It 'refuses a name that no device has' {
        $failure = { Test-SnapDevice gone } |
            Should -Throw -ErrorId 'EngineError.DeviceNotFound,SnapBackup.PowerShell.TestSnapDeviceCommand' -PassThru
        $failure.Exception.Message | Should -BeLike 'gone:*There are: db*'
        $failure.TargetObject | Should -Be 'gone'
    }

    It 'completes names' {
        Get-TestCompletion 'Test-SnapDevice d' | Should -Be 'db'
    }
}
